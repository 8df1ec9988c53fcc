"""Opinions of families: received once, with a number."""

from uuid import UUID

from koumen.care.models import NumberCount, Opinion
from koumen.care.models.findings import Source
from koumen.care.policies.help import may_pass_on
from koumen.care.presets.topics import Topic
from koumen.care.services.numbers import next_number
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.registry.models import Household, Staff


@action("opinion.receive", may=may_pass_on)
def receive(
    household: Household, *, by: Actor, source: Source, source_id: UUID, text: str, topic: str = "other"
) -> Opinion:
    """Keep a family's opinion under a new number; the same source again gives the same one.

    Words corrected at the source are corrected here while nobody works on it.
    """
    known = Opinion.objects.select_for_update().filter(source=source, source_id=source_id).first()
    if known is not None:
        if known.state == Opinion.State.RECEIVED and known.text != text:
            known.text = text
            known.save(update_fields=["text"])
        return known
    now = clock.now()
    return Opinion.objects.create(
        year=clock.local(now).year,
        number=next_number(NumberCount.Series.OPINION, clock.local(now).year),
        text=text,
        topic=topic,
        source=source,
        source_id=source_id,
        household=household,
        taken_by=Staff.objects.get(pk=by.member_id or 0),
        received_at=now,
    )


def keep_report(
    *, text: str, token: UUID, about: Staff | None, about_words: str, household: Household | None
) -> tuple[Opinion, bool]:
    """Keep a family's report about conduct, which goes above; called inside the action of whoever lets it in.

    The page made `token`: sent twice, it is there once. Returns the report and whether it is new. Without a household
    it is anonymous: then only the day is kept, so that no log tells by the minute who it was.
    """
    now = clock.local(clock.now())
    known = Opinion.objects.filter(source=Source.FAMILY, source_id=token).first()
    if known is not None:
        return known, False
    row = Opinion.objects.create(
        year=now.year,
        number=next_number(NumberCount.Series.OPINION, now.year),
        text=text,
        topic=Topic.ETHICS,
        source=Source.FAMILY,
        source_id=token,
        household=household,
        channel=Opinion.Channel.FEEDBACK,
        identity=Opinion.Identity.HIDDEN if household else Opinion.Identity.ANONYMOUS,
        level=Opinion.Level.ABOVE,
        about=about,
        about_words=about_words,
        received_at=now if household else now.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    return row, True
