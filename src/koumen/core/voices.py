"""Voice notes of phones: the type is told by the content, never by the name."""

from django.utils.translation import gettext as _

from koumen.core.refusals import Invalid

# how they begin (offset, bytes)
VOICES = {
    "audio/webm": (0, b"\x1aE\xdf\xa3"),
    "audio/ogg": (0, b"OggS"),
    "audio/mp4": (4, b"ftyp"),
    "audio/wav": (0, b"RIFF"),
    "audio/mpeg": (0, b"ID3"),
    "audio/amr": (0, b"#!AMR"),
}


def voice_type(content: bytes) -> str:
    """The content type of a voice note. Raises Invalid for anything else."""
    for kind, (at, mark) in VOICES.items():
        if content[at : at + len(mark)] == mark:
            return kind
    raise Invalid(_("这段语音的格式不认识，没有保存。"))
