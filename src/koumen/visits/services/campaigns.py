"""What is done to a campaign."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.utils.translation import gettext as _

from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import SchoolClass, Staff
from koumen.visits.models import Availability, Campaign, CampaignClass, Mode, Quota, Slot, StaffSlot
from koumen.visits.policies.campaigns import may_manage_campaign, may_start_campaign, may_tick_free
from koumen.visits.presets.quotas import PRESETS, RULES
from koumen.visits.services.slots import lay_out
from koumen.visits.services.targets import fit_targets

LONGEST_DAYS = 370


@dataclass(frozen=True)
class Times:
    """When a campaign goes: the day parts it uses, how often people go, how long a visit takes."""

    minutes: int
    sibling_minutes: int
    way_minutes: int
    uses_evenings: bool
    evening_starts: time
    evening_ends: time
    weekend: str
    morning_starts: time
    morning_ends: time
    afternoon_starts: time
    afternoon_ends: time
    evenings_per_week: int
    weekend_days_per_week: int
    others_evenings_per_week: int


@action("campaign.start", may=may_start_campaign)
def start_campaign(org: OrgRef, *, by: Actor, name: str, theme: str, starts: date, ends: date) -> Campaign:
    """A new campaign of this school, with every class in scope, door visits and the usual task numbers."""
    _require_dates(starts, ends)
    campaign = Campaign.objects.create(name=name, theme=theme, starts=starts, ends=ends, modes=[Mode.DOOR, Mode.PHONE])
    CampaignClass.objects.bulk_create(
        CampaignClass(campaign=campaign, school_class=school_class) for school_class in SchoolClass.objects.open()
    )
    _write_quotas(campaign, {(r.scope, r.indicator): r.threshold for r in PRESETS["standard"].rules})
    fit_targets(campaign)
    lay_out(campaign)
    return campaign


@action("campaign.describe", may=may_manage_campaign)
def describe(campaign: Campaign, *, by: Actor, name: str, theme: str, starts: date, ends: date) -> Campaign:
    """Change name, theme and dates; the slots follow the dates."""
    _require_open(campaign)
    _require_dates(starts, ends)
    moved = (campaign.starts, campaign.ends) != (starts, ends)
    campaign.name, campaign.theme, campaign.starts, campaign.ends = name, theme, starts, ends
    campaign.save()
    if moved:
        lay_out(campaign)
    return campaign


@action("campaign.choose", may=may_manage_campaign)
def choose(
    campaign: Campaign,
    *,
    by: Actor,
    classes: Collection[SchoolClass],
    modes: Collection[str],
    must_visit: Collection[str],
    door_only: Collection[str],
) -> Campaign:
    """Set the classes in scope, the modes allowed, and whom it must reach; the targets follow."""
    _require_open(campaign)
    if not classes:
        raise Invalid(_("请至少选择一个班级。"))
    if not modes:
        raise Invalid(_("请至少选择一种家访方式。"))
    campaign.modes, campaign.must_visit, campaign.door_only = (
        sorted(modes),
        sorted(must_visit),
        sorted(door_only),
    )
    campaign.save(update_fields=["modes", "must_visit", "door_only"])
    campaign.scope.all().delete()
    CampaignClass.objects.bulk_create(CampaignClass(campaign=campaign, school_class=one) for one in classes)
    fit_targets(campaign)
    return campaign


@action("campaign.require", may=may_manage_campaign)
def require(campaign: Campaign, *, by: Actor, thresholds: Mapping[tuple[str, str], Decimal]) -> Campaign:
    """Set the task numbers, by (scope, indicator); zero asks for nothing."""
    _require_open(campaign)
    _write_quotas(campaign, thresholds)
    return campaign


@action("campaign.time", may=may_manage_campaign)
def set_times(campaign: Campaign, *, by: Actor, times: Times) -> Campaign:
    """Set when teams go out; slots and default free slots are laid out anew, those ticked by people are kept."""
    _require_open(campaign)
    _require_times(times)
    for name, value in vars(times).items():
        setattr(campaign, name, value)
    campaign.save()
    lay_out(campaign)
    return campaign


@action("campaign.set_days", may=may_manage_campaign)
def set_days(campaign: Campaign, *, by: Actor, open_slots: Collection[int]) -> Campaign:
    """Keep only these slots of the campaign open for visits."""
    _require_open(campaign)
    campaign.slots.filter(pk__in=open_slots).update(is_open=True)
    campaign.slots.exclude(pk__in=open_slots).update(is_open=False)
    return campaign


@action("campaign.open", may=may_manage_campaign)
def open_campaign(campaign: Campaign, *, by: Actor) -> Campaign:
    """Let it begin. Raises Invalid when there is nobody to visit or no time for it."""
    _require_open(campaign)
    if not fit_targets(campaign):
        raise Invalid(_("所选班级里没有在读学生，请先导入名单或调整范围。"))
    if not campaign.slots.open().exists():
        raise Invalid(_("还没有可用的时段，请调整日期或时间安排。"))
    campaign.state = Campaign.State.OPEN
    campaign.save(update_fields=["state"])
    return campaign


@action("campaign.close", may=may_manage_campaign)
def close_campaign(campaign: Campaign, *, by: Actor) -> Campaign:
    """End it; its plans and records stay."""
    _require_open(campaign)
    campaign.state = Campaign.State.CLOSED
    campaign.save(update_fields=["state"])
    return campaign


@action("campaign.tick_free", may=may_tick_free)
def tick_free(staff: Staff, *, by: Actor, campaign: Campaign, slots: Collection[Slot]) -> Availability:
    """Set the slots this member of staff is free for; the default pattern no longer touches them."""
    _require_open(campaign)
    StaffSlot.objects.filter(slot__campaign=campaign, staff=staff).delete()
    StaffSlot.objects.bulk_create(StaffSlot(slot=slot, staff=staff) for slot in slots)
    answer, _made = Availability.objects.update_or_create(
        campaign=campaign, staff=staff, defaults={"ticked_by": by.display_name}
    )
    return answer


def _write_quotas(campaign: Campaign, thresholds: Mapping[tuple[str, str], Decimal]) -> None:
    campaign.quotas.all().delete()
    Quota.objects.bulk_create(
        Quota(
            campaign=campaign,
            scope=rule.scope,
            indicator=rule.indicator,
            threshold=thresholds.get(key, rule.threshold),
            period=rule.period,
        )
        for key, rule in RULES.items()
    )


def _require_open(campaign: Campaign) -> None:
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))


def _require_dates(starts: date, ends: date) -> None:
    if ends < starts:
        raise Invalid(_("结束日期不能早于开始日期。"))
    if (ends - starts).days > LONGEST_DAYS:
        raise Invalid(_("一次家访活动最长一年，请检查日期。"))


def _require_times(times: Times) -> None:
    if not times.uses_evenings and times.weekend == Campaign.Weekend.NONE:
        raise Invalid(_("平日晚上和周末至少要安排一项。"))
    spans = [(_("晚上"), times.evening_starts, times.evening_ends)] * times.uses_evenings
    if times.weekend == Campaign.Weekend.WHOLE:
        spans.append((_("周末白天"), times.morning_starts, times.afternoon_ends))
    if times.weekend == Campaign.Weekend.PARTS:
        spans.append((_("周末上午"), times.morning_starts, times.morning_ends))
        spans.append((_("周末下午"), times.afternoon_starts, times.afternoon_ends))
        if _minute(times.afternoon_starts) - _minute(times.morning_ends) < 2 * times.way_minutes:
            raise Invalid(_("上午结束到下午开始之间要留出往返路上的时间。"))
    for name, opens, closes in spans:
        if _minute(closes) - _minute(opens) < times.minutes:
            raise Invalid(_("%(part)s的时间不够一次家访，请检查起止时间。") % {"part": name})


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
