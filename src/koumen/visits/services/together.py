"""Families met together at one place, and classes that go together."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Household, Place, SchoolClass
from koumen.visits.models import Campaign, ClassPair, GroupVisit, GroupVisitHome, Slot, Target
from koumen.visits.policies.arrangements import may_manage_group
from koumen.visits.policies.campaigns import may_manage_campaign

FEWEST, MOST = 2, 30  # families of a group visit


@dataclass(frozen=True)
class Meeting:
    """A group visit as the form gives it."""

    name: str
    place: Place
    school_class: SchoolClass
    minutes: int
    slot: Slot | None
    homes: Collection[Household]


@action("group.arrange", may=may_manage_campaign)
def arrange_group(campaign: Campaign, *, by: Actor, meeting: Meeting) -> GroupVisit:
    """A new group visit. Raises Invalid for families that cannot be met there."""
    _require_open(campaign)
    _require_fit(campaign, meeting)
    group = GroupVisit(campaign=campaign)
    return _write(group, meeting)


@action("group.change", may=may_manage_group)
def change_group(group: GroupVisit, *, by: Actor, meeting: Meeting) -> GroupVisit:
    """Change place, time or families; a plan already made keeps what it says until the next one."""
    _require_open(group.campaign)
    _require_fit(group.campaign, meeting, group)
    return _write(group, meeting)


@action("group.call_off", may=may_manage_group)
def call_off_group(group: GroupVisit, *, by: Actor) -> GroupVisit:
    """Its families are visited at home again in the next plan."""
    _require_open(group.campaign)
    group.delete()
    return group


@action("campaign.pair", may=may_manage_campaign)
def set_pairs(campaign: Campaign, *, by: Actor, pairs: Collection[tuple[SchoolClass, SchoolClass]]) -> list[ClassPair]:
    """Set which classes may go together. Raises Invalid when a class is in two pairs."""
    _require_open(campaign)
    named = [one.pk for pair in pairs for one in pair]
    if len(set(named)) < len(named):
        raise Invalid(_("一个班只能和一个班结对。"))
    campaign.pairs.all().delete()
    return ClassPair.objects.bulk_create(ClassPair(campaign=campaign, first=a, second=b) for a, b in pairs)


def _write(group: GroupVisit, meeting: Meeting) -> GroupVisit:
    group.name, group.place, group.school_class = meeting.name, meeting.place, meeting.school_class
    group.minutes, group.slot = meeting.minutes, meeting.slot
    group.save()
    group.homes.all().delete()
    GroupVisitHome.objects.bulk_create(GroupVisitHome(group_visit=group, household=home) for home in meeting.homes)
    return group


def _require_open(campaign: Campaign) -> None:
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))


def _require_fit(campaign: Campaign, meeting: Meeting, group: GroupVisit | None = None) -> None:
    homes = {home.pk for home in meeting.homes}
    if not FEWEST <= len(homes) <= MOST:
        raise Invalid(_("集中家访要有 2 到 30 个家庭。"))
    elsewhere = GroupVisitHome.objects.filter(group_visit__campaign=campaign, household__in=homes)
    if elsewhere.exclude(group_visit=group).exists():
        raise Invalid(_("有家庭已在另一次集中家访里。"))
    targets = Target.objects.filter(campaign=campaign, student__household__in=homes)
    if targets.filter(is_key=True).exists():
        raise Invalid(_("重点学生家庭须单独入户，不能参加集中家访。"))
    if not targets.filter(student__school_class=meeting.school_class).exists():
        raise Invalid(_("这些家庭里没有负责班级的孩子。"))
    if meeting.slot is not None and (meeting.slot.closes_at - meeting.slot.opens_at).seconds < meeting.minutes * 60:
        raise Invalid(_("这个时段不够一次集中家访的时间。"))
