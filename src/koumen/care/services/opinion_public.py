"""您说—我们做: what families agreed to see published, in words without names; and a school's own limits."""

from django.utils.translation import gettext as _

from koumen.care.models import Opinion, OpinionLimit
from koumen.care.policies.opinions import may_lead_school, may_publish
from koumen.care.presets.topics import Topic
from koumen.care.queries.names import names_in
from koumen.care.services.opinions import note
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import listed

LONGEST_PUBLIC = 300
MOST_DAYS = 60


@action("opinion.publish", may=may_publish)
def publish(opinion: Opinion, *, by: Actor, said: str, done: str) -> Opinion:
    """Put it on the public page. Raises Conflict without the family's consent, Invalid when a text is empty or names
    anybody of the school or the family.
    """
    opinion = Opinion.objects.select_for_update().get(pk=opinion.pk)
    if opinion.publishing not in (Opinion.Publishing.AGREED, Opinion.Publishing.PUBLISHED):
        raise Conflict(_("家长还没有同意公开，不能发布。"))
    said, done = said.strip(), done.strip()
    if not said or not done:
        raise Invalid(_("“您说”和“我们做”都要写。"))
    found = names_in(f"{said}\n{done}", opinion)
    if found:
        raise Invalid(
            _("公开的话里不能有姓名：%(names)s。请改成“一位家长”“有关老师”这样的说法。") % {"names": listed(found)}
        )
    opinion.public_text, opinion.public_answer = said[:LONGEST_PUBLIC], done[:LONGEST_PUBLIC]
    opinion.publishing, opinion.published_at = Opinion.Publishing.PUBLISHED, clock.now()
    opinion.save(update_fields=["public_text", "public_answer", "publishing", "published_at"])
    note(opinion, "published", by=by.display_name)
    return opinion


@action("opinion.unpublish", may=may_publish)
def unpublish(opinion: Opinion, *, by: Actor) -> Opinion:
    """Take it off the public page; the family's consent stands."""
    opinion = Opinion.objects.select_for_update().get(pk=opinion.pk)
    if opinion.publishing == Opinion.Publishing.PUBLISHED:
        opinion.publishing, opinion.published_at = Opinion.Publishing.AGREED, None
        opinion.save(update_fields=["publishing", "published_at"])
        note(opinion, "unpublished", by=by.display_name)
    return opinion


@action("opinion.set_limit", may=may_lead_school)
def set_limit(school: OrgRef, /, *, by: Actor, topic: str, days: int, extra_days: int) -> OpinionLimit:
    """How long a topic may take from now on; opinions under way keep their day. Raises Invalid out of range."""
    if topic not in Topic.values or not 1 <= days <= MOST_DAYS or not 1 <= extra_days <= MOST_DAYS:
        raise Invalid(_("期限请填 1 到 %(most)d 个上学日。") % {"most": MOST_DAYS})
    row, _made = OpinionLimit.objects.update_or_create(topic=topic, defaults={"days": days, "extra_days": extra_days})
    return row
