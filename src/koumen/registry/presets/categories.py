"""重点类别: categories of students who need care, in neutral words, and the bureaus' customary sets of them.

Sensitivity: 1 the child's teachers · 2 class teacher and care team · 3 sealed: named persons, each reading logged,
never in lists, exports or notifications, in statistics only from five children on.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ORDINARY, RESTRICTED, SEALED = 1, 2, 3


class Category(NamedTuple):
    """One category: its code, its name and who may know of it."""

    code: str
    name: Promise
    sensitivity: int


_ALL = (
    Category("A11", _("留守儿童(一方外出)"), 2),
    Category("A12", _("留守儿童(双方外出)"), 2),
    Category("A21", _("单亲家庭"), 2),
    Category("A22", _("离异家庭"), 2),
    Category("A23", _("重组家庭"), 2),
    Category("A24", _("隔代抚养"), 2),
    Category("A31", _("孤儿"), 3),
    Category("A32", _("事实无人抚养"), 3),
    Category("A33", _("监护缺失·其他"), 3),
    Category("B11", _("低保"), 2),
    Category("B12", _("特困供养"), 2),
    Category("B13", _("脱贫/防返贫监测对象"), 2),
    Category("B14", _("低保边缘/支出型"), 2),
    Category("B15", _("因病因灾突发困难"), 2),
    Category("B19", _("其他经济困难"), 2),
    Category("C11", _("残疾"), 3),
    Category("C12", _("随班就读"), 2),
    Category("C13", _("送教上门"), 2),
    Category("C14", _("重大疾病/特异体质"), 3),
    Category("C21", _("心理关爱"), 3),
    Category("D11", _("学习困难"), 1),
    Category("D12", _("学业明显波动/偏科"), 1),
    Category("D21", _("行为习惯需关注"), 2),
    Category("D22", _("人际适应困难"), 2),
    Category("D23", _("网络使用需引导"), 2),
    Category("D31", _("厌学/疑似辍学"), 2),
    Category("D32", _("劝返复学"), 2),
    Category("E11", _("进城务工人员随迁子女"), 1),
    Category("E12", _("其他流动儿童"), 1),
    Category("F11", _("新生/起始年级"), 1),
    Category("F21", _("思想或学业有重大变化"), 2),
    Category("F22", _("家庭重大变故"), 2),
    Category("F31", _("家长有疑虑或诉求"), 2),
    Category("F41", _("涉案/专门矫治教育"), 3),
    Category("F51", _("烈士/优抚子女"), 1),
    Category("F61", _("进步/鼓励访"), 1),
    Category("Z99", _("其他需要关爱"), 2),
)
CATEGORIES: dict[str, Category] = {c.code: c for c in _ALL}


def sensitivity(code: str) -> int:
    """Who may know of it; an unknown code counts as sealed."""
    found = CATEGORIES.get(code)
    return found.sensitivity if found else SEALED


def name(code: str) -> str:
    """The Chinese (or translated) name; the code itself when it is unknown."""
    found = CATEGORIES.get(code)
    return str(found.name) if found else code


def choices() -> list[tuple[str, Promise]]:
    """(code, name) of every category, for forms."""
    return [(c.code, c.name) for c in _ALL]


@dataclass(frozen=True)
class CategorySet:
    """A bureau's customary list: which categories count, and whether only visits at the door satisfy it."""

    code: str
    name: Promise
    parts: tuple[str, ...]
    door_only: bool = False

    @property
    def categories(self) -> tuple[str, ...]:
        """The codes meant, `B*` spelt out."""
        return tuple(c for part in self.parts for c in _spelt_out(part))


def _spelt_out(part: str) -> list[str]:
    if part.endswith("*"):
        return [code for code in CATEGORIES if code.startswith(part[:-1])]
    return [part]


SETS: dict[str, CategorySet] = {
    s.code: s
    for s in (
        CategorySet("eight_a", _("八类(甲)"), ("B*", "D11", "A11", "A12", "E11", "A21", "D21", "C11", "C12", "F21")),
        CategorySet("eight_b", _("八类(乙)"), ("B*", "D11", "A21", "D21", "F22", "E11", "A11", "A12", "C12")),
        CategorySet("eight_c", _("八类(丙)"), ("A22", "A21", "E11", "A11", "A12", "B*", "C11", "C14", "D21", "A32")),
        CategorySet("seven", _("七类"), ("A21", "A11", "A12", "C11", "B*", "E11", "D11", "C21")),
        CategorySet("dropout", _("控辍保学"), ("D32", "D31", "C11", "C13"), door_only=True),
    )
}
