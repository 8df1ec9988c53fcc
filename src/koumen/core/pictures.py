"""Pictures people send: drawn anew, so that nothing else of the file survives."""

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from koumen.core.refusals import Invalid

LONGEST_SIDE = 1_600
SMALL_SIDE = 320
MOST_PIXELS = 60_000_000  # a phone's largest photo; more is a bomb
LARGEST = 300 * 1024
QUALITIES = (82, 72, 62, 52, 42)
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_INK, LEAST_INK = 4_000_000, 60  # pixels of a signature's picture, and of its ink


def redraw(content: bytes, *, largest: int = LARGEST) -> bytes:
    """The picture as a JPEG of at most `largest` bytes, upright, without any metadata. Raises Invalid."""
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise Invalid(_("照片的尺寸太大了，请用手机自带的压缩后再传。"))
        picture = ImageOps.exif_transpose(picture)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture = _on_white(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(_("这张照片打不开，请重新拍一张。")) from error
    while True:
        for quality in QUALITIES:
            out = BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= largest:
                return out.getvalue()
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))


def small(content: bytes, *, side: int = SMALL_SIDE) -> bytes:
    """A picture of ours as a small JPEG for lists. Raises Invalid for what is none."""
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=("JPEG",))
        picture.draft("RGB", (side, side))  # read at a fraction of its size
        picture.thumbnail((side, side))
        out = BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=72)
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise Invalid(_("这张照片打不开，请重新拍一张。")) from error
    return out.getvalue()


def ink(content: bytes) -> bytes:
    """What was drawn with a finger, as a PNG of our own, black on white and cut to the drawing.

    Raises Invalid for what is no PNG, and when nothing was drawn.
    """
    try:
        picture: Image.Image = Image.open(BytesIO(content), formats=("PNG",))
        if picture.width * picture.height > MOST_INK:
            raise Invalid(_("签名图片太大了，请重新签一次。"))
        drawn = ImageOps.invert(_on_white(picture).convert("L"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(_("没有收到签名，请重新签一次。")) from error
    dark = drawn.point(lambda level: 255 if level > 100 else 0)
    box = dark.getbbox()
    if box is None or sum(dark.histogram()[128:]) < LEAST_INK:
        raise Invalid(_("请用手指在框里签名。"))
    cut = ImageOps.expand(ImageOps.invert(drawn.crop(box)), border=8, fill=255)
    cut.thumbnail((800, 400))
    out = BytesIO()
    cut.save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: a signature is black on nothing, which JPEG would show as black on black."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        picture = Image.alpha_composite(white, over)
    return picture.convert("RGB")
