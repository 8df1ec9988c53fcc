"""The sheets behind 关爱帮扶: cases, problems, referrals. A sheet whose page does not exist yet is left out."""

from typing import TypedDict

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from koumen.care.policies.ledger import may_count
from koumen.core.actor import Actor


class Tab(TypedDict):
    """One tab."""

    url: str
    label: str
    active: bool


def care_tabs(actor: Actor, here: str) -> list[Tab]:
    """The tabs for this person; `here` is the sheet they stand on: cases, ledger, referrals, harms, extracts."""
    words = {
        "cases": _("一生一案"),
        "ledger": _("问题台账"),
        "referrals": _("转介"),
        "harms": _("强制报告"),
        "extracts": _("个案集"),
    }
    if not may_count(actor):
        del words["ledger"]
    found: list[Tab] = []
    for sheet, label in words.items():
        try:
            url = reverse(f"care:{sheet}", kwargs={"org": actor.org.slug})
        except NoReverseMatch:
            continue
        found.append({"url": url, "label": label, "active": sheet == here})
    return found
