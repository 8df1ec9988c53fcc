"""What the family does with its opinion: judge the answer, take it back, let it be published or not."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from koumen.care.models import Opinion
from koumen.care.policies.opinions import is_sender
from koumen.care.queries.limits import last_day, limit_of
from koumen.care.services.opinions import bureau_of, copy_up, note, tell_posts, tell_receivers
from koumen.care.services.tasks import settle
from koumen.core import clock, scope
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

LONGEST_WORDS = 300
SHARED = ("state", "answer", "answered_at", "face", "judged_at", "closed_at", "refused_because", "times_reopened")


@action("opinion.judge", may=is_sender)
def judge(opinion: Opinion, *, by: Actor, face: int, words: str = "") -> Opinion:
    """😊 and 😐 settle it; ☹ takes it once to the level above, then it ends unsettled.

    Raises Conflict when there is no answer to judge, Invalid for another face.
    """
    opinion = _locked(opinion)
    if opinion.state != Opinion.State.ANSWERED:
        raise Conflict(_("现在没有等您评价的答复，请刷新后再看。"))
    if face not in Opinion.Face.values:
        raise Invalid(_("请点一个表情。"))
    now = clock.now()
    opinion.face, opinion.judged_at = face, now
    note(opinion, "judged", text=words.strip()[:LONGEST_WORDS] or str(Opinion.Face(face).label))
    if face > Opinion.Face.BAD:
        opinion.state, opinion.closed_at = Opinion.State.SETTLED, now
    elif not _reopen(opinion, by.org):
        opinion.state, opinion.closed_at = Opinion.State.UNSETTLED, now
        note(opinion, "final")
    opinion.save()
    mirror(opinion, by.org)
    return opinion


def _reopen(opinion: Opinion, school: OrgRef) -> bool:
    """To the level above whoever answered; False when it went there before, or nobody is above."""
    if opinion.times_reopened:
        return False
    bureau = bureau_of(school)
    by_principal = opinion.level == Opinion.Level.ABOVE and opinion.answered_by_id is not None
    by_bureau = opinion.level == Opinion.Level.ABOVE and opinion.answered_by_id is None
    if by_bureau or (by_principal and bureau is None):
        return False
    note(opinion, "reopened" if opinion.level == Opinion.Level.SCHOOL else "reopened_up")
    opinion.times_reopened += 1
    opinion.level, opinion.state = Opinion.Level.ABOVE, Opinion.State.REOPENED
    opinion.handler, opinion.closed_at = None, None
    opinion.due_on = last_day(clock.today(), limit_of(opinion.topic).days)
    opinion.extended_because = ""
    if bureau is not None and (by_principal or _answered_by_a_principal(opinion)):
        opinion.save()
        copy_up(opinion, school, bureau)
    else:
        tell_receivers(opinion, school.slug)
    return True


def _answered_by_a_principal(opinion: Opinion) -> bool:
    current = Q(ends=None) | Q(ends__gte=clock.today())
    who = opinion.answered_by
    return who is not None and who.roles.filter(current, post="principal", starts__lte=clock.today()).exists()


@action("opinion.withdraw", may=is_sender)
def withdraw(opinion: Opinion, *, by: Actor) -> Opinion:
    """The family takes it back; nothing is deleted, nobody works on it any more. Raises Conflict when it is over."""
    opinion = _locked(opinion)
    if opinion.is_over and opinion.state != Opinion.State.MERGED:
        raise Conflict(_("这条意见已经办结了，不用再撤回。"))
    opinion.state, opinion.closed_at = Opinion.State.WITHDRAWN, clock.now()
    opinion.publishing = Opinion.Publishing.NO
    opinion.save()
    note(opinion, "withdrawn")
    with for_others():
        settle("opinion", opinion.pk, sentence=_("家长已撤回"), is_done=False)
    mirror(opinion, by.org)
    return opinion


@action("opinion.consent", may=is_sender)
def consent(opinion: Opinion, *, by: Actor, agrees: bool) -> Opinion:
    """Whether it may stand in 您说—我们做, without names. Taken back, it is gone from there at once."""
    opinion = _locked(opinion)
    if not opinion.answer:
        raise Conflict(_("还没有答复，等有了答复再决定公开不公开。"))
    was_public = opinion.publishing == Opinion.Publishing.PUBLISHED
    if agrees and was_public:
        return opinion
    opinion.publishing = Opinion.Publishing.AGREED if agrees else Opinion.Publishing.REFUSED
    opinion.published_at = None
    opinion.save(update_fields=["publishing", "published_at"])
    note(opinion, "agreed" if agrees else "kept_private")
    if was_public:
        with for_others():
            subject = _("家长不再同意公开，已自动撤下")
            posts = ("moral_office", "principal")
            tell_posts(opinion, posts, by.org.slug, subject=subject, body=_("编号 %(code)s。") % {"code": opinion.code})
    return opinion


def _locked(opinion: Opinion) -> Opinion:
    row: Opinion = Opinion.objects.select_for_update().get(pk=opinion.pk)
    return row


@dataclass(frozen=True)
class Twin:
    """Where the other copy of an opinion lies: in the bureau, or in the school it came from."""

    org: OrgRef
    source: str
    token: UUID


def twin_of(opinion: Opinion, here: OrgRef) -> Twin | None:
    """The other copy's place, if there may be one."""
    if opinion.source_id is None:
        return None
    if opinion.origin_org is not None:
        school = Org.objects.get(pk=opinion.origin_org)
        return Twin(org_ref(school), opinion.source, opinion.source_id)
    bureau = bureau_of(here) if opinion.level == Opinion.Level.ABOVE else None
    return Twin(org_ref(bureau), opinion.source, opinion.source_id) if bureau else None


def mirror(opinion: Opinion, here: OrgRef, *, kind: str = "", by: str = "") -> None:
    """What the family was told, and what it said, stands in both copies. `kind`: the step the other copy shows.

    An answer of the other level is nobody's of this one: it has no `answered_by` there.
    """
    twin = twin_of(opinion, here)
    if twin is None:
        return
    with scope.enter(twin.org.id):
        other = Opinion.objects.select_for_update().filter(source=twin.source, source_id=twin.token).first()
        if other is None:
            return
        for name in SHARED:
            setattr(other, name, getattr(opinion, name))
        if kind:
            other.answered_by = None
            note(other, kind, text=opinion.answer or opinion.refused_because, by=by or here.name)
            settle("opinion", other.pk, sentence=opinion.get_state_display())
        other.save()
