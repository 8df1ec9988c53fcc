"""What came of talking with families and is not done yet: problems found, help agreed, opinions received."""

from koumen.care.models.findings import Finding, Measure
from koumen.care.models.opinions import Opinion, OpinionCount

__all__ = ["Finding", "Measure", "Opinion", "OpinionCount"]
