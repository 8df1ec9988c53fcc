"""Where somebody goes: the navigation, by what a person does."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor

TEACHERS = ("class_teacher", "subject_teacher", "counsellor")
LEADERS = ("principal", "vice_principal", "middle_leader", "grade_head")
OFFICE = ("moral_office",)
BUREAU = ("bureau_officer", "inspector")
SCHOOL_WORK = (*TEACHERS, *LEADERS, *OFFICE)


@dataclass(frozen=True)
class Door:
    """One entry of the navigation: for whom, where to."""

    label: Promise | str
    url_name: str
    icon: str
    posts: tuple[str, ...] = ()  # of nobody in particular: for everybody
    also: tuple[str, ...] = ()  # beginnings of other addresses behind this door


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    active: bool


DOORS = (
    Door(_("今天"), "portal:home", "home"),
    Door(
        _("家访"),
        "visits:mine",
        "door",
        SCHOOL_WORK,
        ("shared/", "follow-ups/", "effects/", "commitment/"),
    ),
    Door(
        _("活动与排程"),
        "visits:campaigns",
        "calendar",
        SCHOOL_WORK,
        ("plans/", "outings/", "trips/", "safety/", "roads/"),
    ),
    Door(_("任务"), "care:tasks", "checklist", SCHOOL_WORK),
    Door(_("手机记录"), "visits:recorder", "phone", SCHOOL_WORK),
    Door(_("覆盖情况"), "visits:coverage", "target", SCHOOL_WORK),
    Door(
        _("关爱帮扶"),
        "care:cases",
        "heart",
        SCHOOL_WORK,
        ("ledger/", "referrals/", "measures/", "transfers/", "names/", "harm/"),
    ),
    Door(_("转介"), "care:referrals", "send", ("bureau_officer",)),
    Door(_("控辍保学"), "care:dropout_lists", "child", SCHOOL_WORK, ("dropout/", "demand/")),
    Door(_("控辍核查"), "care:dropout_schools", "child", ("bureau_officer",)),
    Door(_("名单"), "registry:classes", "people", (*LEADERS, *OFFICE)),
    Door(_("月报"), "reporting:month", "report", (*LEADERS, *OFFICE)),
    Door(_("家访反馈"), "visits:feedback", "chat", ("moral_office", "principal", "vice_principal")),
    Door(_("意见建议"), "care:opinions", "chat", (*SCHOOL_WORK, "bureau_officer")),
    Door(_("各校数字"), "reporting:schools", "table", BUREAU),
    Door(_("教职工"), "registry:staff", "id", (*LEADERS, *OFFICE, "system_admin")),
    Door(_("家庭住址"), "registry:households", "pin", OFFICE),
    Door(_("路程"), "visits:roads", "route", ("system_admin",)),
    Door(_("导入"), "registry:imports", "import", (*OFFICE, "system_admin")),
    Door(_("操作日志"), "portal:log", "history", ("audit_admin",)),
    Door(_("消息"), "portal:inbox", "bell"),
)


def url_of(actor: Actor, name: str, **kwargs: object) -> str:
    """The address of a page of the actor's org; "" while that page does not exist."""
    try:
        return reverse(name, kwargs={"org": actor.org.slug, **kwargs})
    except NoReverseMatch:
        return ""


def _own_class(actor: Actor) -> list[NavItem]:
    """Class teachers have their class at hand, other teachers the list of theirs."""
    own = [p for p in actor.posts if p.code == "class_teacher" and p.unit_id]
    if len(own) == 1 and not actor.holds(*OFFICE):
        return [NavItem(str(_("我的班级")), url_of(actor, "registry:class", pk=own[0].unit_id), "class", False)]
    if actor.holds(*TEACHERS) and not actor.holds(*LEADERS, *OFFICE):
        return [NavItem(str(_("我的班级")), url_of(actor, "registry:classes"), "class", False)]
    return []


def navigation(actor: Actor, path: str) -> list[NavItem]:
    """The entries for this person; the one that leads to `path` is marked."""
    items, behind = [], {}
    for door in DOORS:
        url = url_of(actor, door.url_name) if not door.posts or actor.holds(*door.posts) else ""
        if url:
            items.append(NavItem(str(door.label), url, door.icon, False))
            behind[url] = door.also
        if door.url_name == "portal:home":
            items += _own_class(actor)
    home = items[0].url
    fits = {
        item.url: start
        for item in items
        for start in (item.url, *(home + also for also in behind.get(item.url, ())))
        if path == item.url or (start != home and path.startswith(start))
    }
    here = max(fits, key=lambda url: len(fits[url]), default="")
    return [NavItem(i.label, i.url, i.icon, i.url == here) for i in items]
