"""What is wrong with a workbook of questions: the place, and a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from koumen.core.refusals import Invalid


@dataclass(frozen=True)
class Fault:
    """One thing to mend. `row` is the row as Excel counts it; 0 for the whole sheet."""

    sheet: str
    row: int
    sentence: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        return _("%(sheet)s 第 %(row)d 行：%(sentence)s") % vars(self)


class Faulty(Invalid):
    """The workbook cannot be used as it is; nothing was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(str(faults[0]))
        self.faults = list(faults)
