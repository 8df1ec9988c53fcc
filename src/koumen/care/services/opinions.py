"""Opinions of families: received once, with a number, and never first by whom they are about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import NumberCount, Opinion, OpinionStep
from koumen.care.models.findings import Source
from koumen.care.models.opinions import LONGEST, OFFICE
from koumen.care.policies.help import may_pass_on
from koumen.care.policies.opinions import may_send
from koumen.care.presets.topics import Topic, suggested
from koumen.care.queries.limits import last_day, limit_of
from koumen.care.queries.routing import recognised, route
from koumen.care.services.numbers import next_number
from koumen.core import clock, crypto, files, outbox, scope
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage, StoredFile
from koumen.core.refusals import Invalid
from koumen.core.voices import voice_type
from koumen.core.words import for_others
from koumen.registry.models import Guardian, Household, Org, Role, Staff

VOICE_LIMIT = 3 * files.MEGABYTE  # a minute of a phone's voice note is a tenth of it
DIGITS = 12


@dataclass(frozen=True)
class Sending:
    """What is sent. The page made `token`: sent twice, it is there once. `about`: ids of staff chosen by hand."""

    text: str
    token: UUID
    channel: Opinion.Channel
    identity: Opinion.Identity
    topic: str = Topic.OTHER
    about: tuple[int, ...] = ()
    about_words: str = ""
    household: Household | None = None
    guardian: Guardian | None = None
    sender_name: str = ""
    sender_phone: str = ""
    voice: bytes = b""
    source: Source = Source.FAMILY


@dataclass(frozen=True)
class Sent:
    """What the sender is told. No row, so that the log names none."""

    number: str
    secret: str
    is_new: bool = True

    @property
    def spoken_number(self) -> str:
        """The number so that a voice reads it as a year and a count."""
        year, _dash, count = self.number.partition("-")
        return _("%(year)s 年第 %(count)d 号") % {"year": " ".join(year), "count": int(count)}

    @property
    def spoken_secret(self) -> str:
        """The code digit by digit."""
        return "，".join(" ".join(group) for group in self.secret.split())


@action("opinion.receive", may=may_pass_on)
def receive(household: Household, *, by: Actor, source: Source, source_id: UUID, text: str, topic: str = "") -> Opinion:
    """Keep a family's opinion from a visit under a new number; the same source again gives the same one.

    Words corrected at the source are corrected here while nobody works on it.
    """
    known = Opinion.objects.select_for_update().filter(source=source, source_id=source_id).first()
    if known is not None:
        if known.state == Opinion.State.RECEIVED and known.text != text:
            known.text = text
            known.save(update_fields=["text"])
        return known
    sending = Sending(
        text=text,
        token=source_id,
        channel=Opinion.Channel.VISIT,
        identity=Opinion.Identity.NAMED,
        topic=topic or suggested(text),
        household=household,
        source=source,
    )
    return keep(by.org, sending, taken_by=Staff.objects.get(pk=by.member_id or 0))[0]


@action("opinion.send", may=may_send)
def send(school: OrgRef, *, by: Actor, sending: Sending) -> Sent:
    """Take in an opinion from the public door, an own link, or a colleague who was told it. Sent twice, it is once.

    Raises Invalid for an empty or too long one, and for a voice that is none.
    """
    words = sending.text.strip()
    if not words and not sending.voice:
        raise Invalid(_("请写几句，或者录一段语音。"))
    if len(words) > LONGEST:
        raise Invalid(
            _("最多写 %(most)d 字，现在有 %(now)d 字。请删短一些，写好的都还在。")
            % {"most": LONGEST, "now": len(words)}
        )
    if len(sending.voice) > VOICE_LIMIT:
        raise Invalid(_("语音最多 60 秒、%(mb)d MB，请重新录短一些。") % {"mb": VOICE_LIMIT // files.MEGABYTE})
    sending = replace(sending, text=words)
    if sending.identity == Opinion.Identity.ANONYMOUS:
        sending = replace(sending, household=None, guardian=None, sender_name="", sender_phone="")
    row, is_new = keep(school, sending, taken_by=Staff.objects.filter(pk=by.member_id or 0).first())
    return Sent(row.code, secret_of(sending.token), is_new)


def keep(school: OrgRef, sending: Sending, *, taken_by: Staff | None = None) -> tuple[Opinion, bool]:
    """Number, route, date and keep an opinion, and tell whoever receives it. Inside the action that lets it in.

    Of an anonymous one only the day is kept, so that nothing tells by the minute who it was. Returns the row and
    whether it is new.
    """
    known = Opinion.objects.filter(source=sending.source, source_id=sending.token).first()
    if known is not None:
        return known, False
    bureau = bureau_of(school)
    concerned = recognised(sending.text, sending.about_words, sending.household) | set(sending.about)
    way = route(topic=sending.topic, text=sending.text, concerned=concerned, has_bureau=bureau is not None)
    names = dict(Staff.objects.filter(pk__in=way.concerned).values_list("pk", "name"))
    row = _create(sending, taken_by, way.level, way.concerned)
    if names:
        row.about = Staff.objects.get(pk=next(iter(names))) if len(names) == 1 else None
        row.about_words = sending.about_words or "、".join(names.values())[:120]
        row.save(update_fields=["about", "about_words"])
    note(row, "received", at=row.received_at)
    tell_receivers(row, school.slug)
    if way.up and bureau is not None:
        copy_up(row, school, bureau)
    return row, True


def _create(sending: Sending, taken_by: Staff | None, level: Opinion.Level, concerned: Iterable[int]) -> Opinion:
    now = clock.local(clock.now())
    is_anonymous = sending.identity == Opinion.Identity.ANONYMOUS
    row: Opinion = Opinion.objects.create(
        year=now.year,
        number=next_number(NumberCount.Series.OPINION, now.year),
        text=sending.text,
        topic=sending.topic,
        channel=sending.channel,
        identity=sending.identity,
        source=sending.source,
        source_id=sending.token,
        household=sending.household,
        guardian=sending.guardian,
        sender_name=sending.sender_name,
        sender_phone=sending.sender_phone,
        code_hash=code_hash(secret_of(sending.token)),
        taken_by=taken_by,
        level=level,
        concerns=sorted(concerned),
        about_words=sending.about_words,
        received_at=_midnight(now) if is_anonymous else now,
        due_on=last_day(now.date(), limit_of(sending.topic).days),
        voice=keep_voice(sending.voice, is_anonymous=is_anonymous) if sending.voice else None,
    )
    return row


def keep_voice(content: bytes, *, is_anonymous: bool) -> StoredFile:
    """A voice note, its type told by its content. Raises Invalid for what is none."""
    kept = files.keep(
        iter([content]), purpose="opinion", label=_("语音"), content_type=voice_type(content), limit=VOICE_LIMIT
    )
    if is_anonymous:
        StoredFile.objects.filter(pk=kept.pk).update(created_at=_midnight(clock.local(clock.now())))
    return kept


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def secret_of(token: UUID) -> str:
    """The code a sender follows an opinion by, such as 4821 0937 5561: always the same for the page that sent it."""
    number = int.from_bytes(crypto.lookup(f"opinion {token}")) % 10**DIGITS
    digits = f"{number:0{DIGITS}d}"
    return " ".join(digits[i : i + 4] for i in range(0, DIGITS, 4))


def code_hash(secret: str) -> bytes:
    """What is kept of a code; spaces and full-width digits do not matter."""
    digits = "".join(str(int(sign)) for sign in secret if sign.isdecimal())
    return crypto.lookup(f"opinion code {digits}") if len(digits) == DIGITS else b""


def note(
    row: Opinion, kind: str, *, text: str = "", by: str = "", for_family: bool = True, at: datetime | None = None
) -> None:
    """One more line of what happened; of an anonymous one, what its sender did has a day and no minute."""
    moment = at or clock.now()
    if not by and row.identity == Opinion.Identity.ANONYMOUS:
        moment = _midnight(clock.local(moment))
    OpinionStep.objects.create(
        opinion=row, kind=kind, text=text[:LONGEST], by=by[:60], at=moment, for_family=for_family
    )


def bureau_of(school: OrgRef) -> Org | None:
    """The bureau above, if there is one."""
    parent = Org.objects.select_related("parent").get(pk=school.id).parent
    return parent if parent is not None and parent.is_bureau and parent.is_active else None


def copy_up(row: Opinion, school: OrgRef, bureau: Org) -> None:
    """The bureau gets its own copy, voice included; safe to repeat: then it is asked again.

    Who spoke in confidence goes with it only where the family was promised that the bureau would know.
    """
    way = route(topic=row.topic, text=row.text, concerned=set(row.concerns), has_bureau=True)
    tells = row.identity == Opinion.Identity.NAMED or way.up
    names = "、".join(Staff.objects.filter(pk__in=row.concerns).values_list("name", flat=True))
    sender = row.sender_name or (row.guardian.name if row.guardian else "")
    sending = Sending(
        text=row.text,
        token=row.source_id or UUID(int=row.pk),
        channel=Opinion.Channel(row.channel),
        identity=Opinion.Identity(row.identity),
        topic=row.topic,
        about_words=f"{school.name} {names or row.about_words}".strip()[:120],
        sender_name=sender if tells else "",
        sender_phone=(row.sender_phone or (row.guardian.phone if row.guardian else "")) if tells else "",
        voice=files.on_disk(row.voice).read_bytes() if row.voice and (tells or not row.text) else b"",
        source=Source(row.source),
    )
    with scope.enter(bureau.pk):
        known = Opinion.objects.filter(source=sending.source, source_id=sending.token).first()
        if known is None:
            known = _create(sending, None, Opinion.Level.ABOVE, ())
            known.origin_org = school.id
            note(known, "received", at=known.received_at)
        if row.state == Opinion.State.REOPENED:
            known.state, known.closed_at = row.state, None
            known.due_on = last_day(clock.today(), limit_of(known.topic).days)
        known.save(update_fields=["origin_org", "state", "closed_at", "due_on"])
        tell_receivers(known, bureau.slug)


def tell_receivers(row: Opinion, slug: str) -> None:
    """Whoever receives it here learns that there is one; what and about whom is read on the page alone."""
    above = row.level == Opinion.Level.ABOVE
    posts = ("principal", "bureau_officer") if above else OFFICE
    with for_others():
        subject = _("收到一条要由上一级办理的意见") if above else _("收到一条意见建议")
        body = _("请在“意见建议”里查看，编号 %(code)s。") % {"code": row.code}
        if not above and row.channel == Opinion.Channel.VISIT:
            # A season of visits brings hundreds: one word a day, not one for each.
            subject, body = _("家访里有新的意见建议"), _("请在“意见建议”里查看。")
            today = clock.today()
            tell_posts(row, posts, slug, subject=subject, body=body, once=lambda who: f"opinions:{who}:{today}")
        else:
            tell_posts(row, posts, slug, subject=subject, body=body)


def tell_posts(
    row: Opinion, posts: Iterable[str], slug: str, *, subject: str, body: str, once: Callable[[int], str] | None = None
) -> None:
    """An in-app note to everybody who holds one of the posts and is not what it is about. `once` keys an account."""
    roles = Role.objects.current(clock.today()).filter(post__in=list(posts), staff__is_active=True)
    people = Staff.objects.filter(roles__in=roles).exclude(pk__in=row.concerns).exclude(account_id=None).distinct()
    for account in filter(None, people.values_list("account_id", flat=True)):
        outbox.say(
            OutboxMessage.Channel.IN_APP,
            account_id=account,
            subject=subject,
            body=body,
            url=reverse("care:opinions", kwargs={"org": slug}),
            once_key=once(account) if once else "",
        )
