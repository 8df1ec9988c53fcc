"""An adult's rights and their end: the class teacher and the office."""

from typing import Any

from tests.cast import Cast

from koumen.registry.models import Guardianship

# Whoever sees the child's name, but not the file, is refused; the others do not see the child.
ONE = {
    "office": 200, "principal": 403, "middle": 403, "teacher1": 200, "teacher2": 404, "subject1": 403,
    "sysadmin": 404, "stranger": 404, "nobody": 302,
}  # fmt: skip
DONE = {"office": 302, "teacher1": 302}


def tie(cast: Cast) -> dict[str, Any]:
    return {"pk": Guardianship.objects.get(student=cast.student("阿虎")).pk}


TABLE = {
    "registry:guardian": (tie, ONE),
    "registry:guardian POST": (tie, ONE | DONE, {"sees_data": "on"}),
    "registry:end_guardianship POST": (tie, ONE | DONE, {"because": "搬走了"}),
}
