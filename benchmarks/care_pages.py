"""The pages of care that `pages` measures: the ledger, cases, help, tasks, opinions, dropout lists, flags, extracts."""

from koumen.care.models import Case, DropoutEntry, Extract, Finding, Measure, Opinion, Task
from koumen.care.services.extracts import begin
from koumen.core.actor import Actor


def paths(teacher: Actor, office: Actor) -> tuple[dict[str, str], dict[str, str]]:
    """Name → path of what the class teacher and the office open. Inside the school's scope."""
    by = teacher.member_id
    help_set = (
        Measure.objects.open()
        .filter(case__lead_id=by, owner_id=by)
        .select_related("case__student__school_class__grade")
        .order_by("case_id", "pk")[0]
    )
    own = help_set.case_id
    problem = Finding.objects.visible_to(teacher).open().order_by("pk")[0].pk
    task = Task.objects.open().filter(owner_id=by).order_by("pk")[0].pk
    handed = Opinion.objects.filter(handler_id=by).order_by("pk")[0].pk
    listed = DropoutEntry.objects.filter(state="persuading").order_by("pk")[0].pk
    case = Case.objects.filter(state="progress").order_by("pk")[0].pk
    opinion = Opinion.objects.filter(state="accepted").order_by("pk")[0].pk
    written = Extract.objects.filter(made_by_id=by).first()
    if written is None:
        assert help_set.case is not None
        written = begin(help_set.case, by=teacher)
    of_teacher = {
        "ledger": "ledger/", "ledger closed": "ledger/?state=closed", "ledger numbers": "ledger/numbers/",
        "problem": f"ledger/{problem}/", "cases": "cases/", "case": f"cases/{own}/",
        "case notes": f"cases/{own}/?tab=notes", "case team": f"cases/{own}/?tab=team",
        "case candidates": "cases/candidates/", "case renewals": "cases/renewals/",
        "measure": f"measures/{help_set.pk}/",
        "measure new": f"cases/{own}/measures/new/", "tasks": "tasks/", "task": f"tasks/{task}/",
        "opinions": "opinions/", "opinion": f"opinions/{handed}/", "dropout": "dropout/",
        "return checks": "dropout/returns/", "flags to renew": "flags/", "extracts": "extracts/",
        "extract": f"extracts/{written.pk}/", "referrals": "referrals/", "names": "names/",
    }  # fmt: skip
    of_office = {
        "ledger": "ledger/", "ledger all": "ledger/?state=all&page=2", "ledger overdue": "ledger/?overdue=on",
        "ledger numbers": "ledger/numbers/", "cases": "cases/", "case": f"cases/{case}/",
        "case candidates": "cases/candidates/", "case renewals": "cases/renewals/", "tasks": "tasks/",
        "tasks late": "tasks/?list=overdue", "opinions": "opinions/", "opinions over": "opinions/?tab=over",
        "opinion": f"opinions/{opinion}/", "opinion figures": "opinions/figures/", "dropout": "dropout/",
        "dropout entry": f"dropout/{listed}/", "dropout closed": "dropout/?list=closed",
        "dropout month": "dropout/month/", "return checks": "dropout/returns/", "flags to renew": "flags/",
        "extracts": "extracts/", "extract": f"extracts/{written.pk}/", "referrals": "referrals/", "names": "names/",
    }  # fmt: skip
    return of_teacher, of_office
