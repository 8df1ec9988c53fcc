"""Checking the log."""

from django.utils.translation import gettext as _

from koumen.core import jobs
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import Job
from koumen.portal.policies import may_read_log


@action("log.check", may=may_read_log)
def check_log(org: OrgRef, *, by: Actor, url: str) -> Job:
    """Recompute every hash of the org's log in the background; the check itself is logged. `url`: where to return."""
    return jobs.start("portal.check_log", by=by, title=_("核对日志"), url=url)
