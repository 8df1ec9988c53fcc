"""Care of a school of the large county: for each hundred children about sixteen problems, eight cases, thirty measures
with their tasks, twenty opinions, less than one entry on the dropout lists; a flag of the last term on every twelfth.

Written by the SQL of `scale_care_sql`; texts are sealed as everywhere.
"""

from datetime import date, datetime

from django.db import connection

from koumen.care.models import Finding
from koumen.cli.county.scale_care_sql import EVERYTHING
from koumen.core import clock, crypto, scope
from koumen.registry.models import Org
from koumen.registry.queries.calendar import term_of

# what is written of a child, by its column; four wordings each
WORDS = {
    "care_case.why": "父母都在外地，和奶奶一起住；作业常常没有人看，最近两周话少了。",
    "care_case.goals": "这学期每周和爸爸妈妈通两次话，作业当天完成，愿意参加一项课外活动。",
    "care_case.close_reason": "家里已有人照看，连续两次评估都好。",
    "care_casenote.text": "今天课间聊了十分钟。孩子说周末去了姑姑家，愿意接着参加阅读小组。",
    "care_casereview.text": "作业按时交的天数多了，课上愿意回答问题。",
    "care_casereview.family_said": "奶奶说孩子回家会先写作业。",
    "care_casereview.student_said": "我喜欢阅读小组。",
    "care_finding.result": "和家长商量了办法，两周后再看，孩子能做到。",
    "care_referral.passed_on": "家庭经济困难，申请临时救助。",
    "care_extract.text": "一名小学生由祖辈照看。老师每周谈一次话，一个学期后作业和情绪都稳定了。",
    "care_dropoutentry.reason_words": "说跟不上，想跟着亲戚学手艺。",
    "care_returnattempt.text": "和孩子、家长谈了一个小时，答应先回来上一周。",
}
NAMED = {"care_casenote.text": "note", "care_casereview.text": "review", "care_extract.text": "extract",
         "care_returnattempt.text": "attempt"}  # fmt: skip


def fill(org: Org) -> bool:
    """Give a school its care, in one transaction. False when it has some already."""
    with scope.enter(org.pk), connection.cursor() as cursor:
        if Finding.objects.exists():
            return False
        today = clock.today()
        first, last = term_of(today)
        values: dict[str, int | date | datetime | list[bytes]] = {
            "org": org.pk, "today": today, "now": clock.now(), "year": first, "until": last, **_sealed(),
        }  # fmt: skip
        for text in EVERYTHING:
            cursor.execute(text, values)
    return True


def _sealed() -> dict[str, list[bytes]]:
    turns = ("", "班主任记。", "和任课老师商量过。", "家长也同意这样做。")
    return {
        NAMED.get(column, column.split(".")[1]): [crypto.seal(text + turn, column) for turn in turns]
        for column, text in WORDS.items()
    }
