"""Checking the whole log takes a while in an old school: it runs in the background."""

from typing import Any

from django.utils.translation import gettext as _

from koumen.core import audit
from koumen.core.jobs import Run, job


@job("portal.check_log")
def check_log(run: Run) -> dict[str, Any]:
    """Recompute every hash of the org's log and say whether the chain holds."""
    with run.scope():
        broken = audit.broken_links()
    if broken:
        first = broken[0]
        found = _("日志链在第 {chain} 链第 {seq} 条断开，请立即联系安全管理员。").format(
            chain=first.chain, seq=first.seq
        )
    else:
        found = _("日志完整：每一条都和前后相接，没有被改动。")
    run.progress(1, 1, found)
    return {"broken": [[b.chain, b.seq] for b in broken]}
