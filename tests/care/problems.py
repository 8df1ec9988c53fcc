"""Problems of the ledger, as tests and the table of permissions make them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from koumen.care.models import Finding
from koumen.core import clock
from tests.cast import Cast


def problem(cast: Cast, child: str = "阿虎", category: str = "D11", *, days: int = 10, **more: Any) -> Finding:
    """A problem noted so many days ago; usual time is four weeks."""
    return Finding.objects.create(
        **{
            "student": cast.student(child),
            "category": category,
            "source": "visit",
            "source_id": uuid4(),
            "found_on": clock.today() - timedelta(days=days),
            "found_by": cast.staff("teacher1"),
            "text": "回家没人辅导",
        }
        | more
    )
