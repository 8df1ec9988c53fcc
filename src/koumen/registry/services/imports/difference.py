"""What the rows in `incoming` would change: compared with the registry in bulk, by SQL.

The result is the temporary table `difference` (id of the incoming row, change, changes). Empty cells say nothing and
change nothing. Sealed values are compared by their keyed hash and never opened.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from koumen.registry.models import ImportBatch
from koumen.registry.services.imports import staging
from koumen.registry.services.roster import Problem

_MATCH = (
    # the number of the register, then the ID number
    "UPDATE incoming i SET student_id = s.id FROM registry_student s"
    " WHERE i.student_no_hash <> '' AND s.student_no_hash = i.student_no_hash",
    "UPDATE incoming i SET student_id = s.id FROM registry_student s"
    " WHERE i.student_id IS NULL AND i.id_hash <> '' AND s.id_hash = i.id_hash",
    # without numbers: the only child of that name in the class (or in the school, when born on the same day)
    """
    UPDATE incoming i SET student_id = f.student_id FROM (
        SELECT i.id, min(s.id) AS student_id FROM incoming i JOIN registry_student s
        ON s.name = i.name AND s.state IN ('enrolled', 'suspended')
        AND (s.school_class_id = i.class_id OR s.birth_date = i.birth_date)
        AND (s.birth_date IS NULL OR i.birth_date IS NULL OR s.birth_date = i.birth_date)
        WHERE i.student_id IS NULL AND (
            (i.student_no_hash = '' AND i.id_hash = '') OR (s.student_no_hash = '' AND s.id_hash = ''))
        GROUP BY i.id HAVING count(*) = 1
    ) f WHERE f.id = i.id
    """,
)

_TEXTS = ("name", "gender", "ethnicity", "id_type", "class_no", "boarding", "commute")
_OTHERS = ("birth_date", "entered_on", "is_new")
_SEALED = (("id_no", "id_hash"), ("student_no", "student_no_hash"))


def _plain(column: str, said: str) -> str:
    return (
        f"CASE WHEN {said} AND i.{column} IS DISTINCT FROM s.{column} THEN"
        f" jsonb_build_object('field', '{column}', 'old', s.{column}, 'new', i.{column}) END"
    )


def _hidden(field: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN jsonb_build_object('field', '{field}') END"


def _member(n: int) -> str:
    """Whether adult `n` of the row stands in the registry (as `a1`, `a2`) otherwise than the row says."""
    return f"""(i.m{n}_name <> '' AND (
        a{n}.name IS DISTINCT FROM i.m{n}_name
        OR (i.m{n}_phone_hash <> '' AND a{n}.phone_hash IS DISTINCT FROM i.m{n}_phone_hash)
        OR (i.m{n}_id_hash <> '' AND a{n}.id_hash IS DISTINCT FROM i.m{n}_id_hash)
        OR (i.m{n}_relation NOT IN ('', '80') AND a{n}.relation IS DISTINCT FROM i.m{n}_relation)
        OR (i.m{n}_guards IS NOT NULL AND a{n}.is_guardian IS DISTINCT FROM i.m{n}_guards)))"""


_GONE = "(i.m1_name <> '' AND i.m2_name = '' AND a2.from_file)"
_FLAGS = """(NOT string_to_array(i.flags, ',') <@ COALESCE(f.held, '{}') OR (f.imported IS NOT NULL AND EXISTS (
    SELECT 1 FROM unnest(f.imported) category WHERE category = ANY(string_to_array(i.told, ','))
    AND NOT category = ANY(string_to_array(i.flags, ',')))))"""
_HOME = "i.address_hash <> '' AND i.address_hash <> COALESCE(NULLIF(s.home_hash, ''), h.address_hash, '')"
# of children who share a home, the first in the file speaks for it
_POINT = (
    "i.leads AND i.lng IS NOT NULL AND h.point_source <> 'map' AND (h.point_source <> 'file'"
    " OR abs(h.lng - i.lng) > 1e-6 OR abs(h.lat - i.lat) > 1e-6)"
)
_PLACE = "i.leads AND i.place_id IS NOT NULL AND i.place_id IS DISTINCT FROM h.place_id"
_CHANGES = ",\n".join(
    [
        *(_plain(column, f"i.{column} <> ''") for column in _TEXTS),
        *(_plain(column, f"i.{column} IS NOT NULL") for column in _OTHERS),
        *(_hidden(field, f"i.{mark} <> '' AND i.{mark} <> s.{mark}") for field, mark in _SEALED),
        "CASE WHEN i.class_id IS DISTINCT FROM s.school_class_id THEN"
        " jsonb_build_object('field', 'school_class', 'old', k.name, 'new', i.class_label) END",
        "CASE WHEN s.state IN ('moved', 'dropped', 'graduated') THEN"
        " jsonb_build_object('field', 'state', 'old', s.state, 'new', 'enrolled') END",
        _hidden("address", f"s.household_id IS NULL OR ({_HOME})"),
        _hidden("point", _POINT),
        _hidden("place", _PLACE),
        _hidden("members", f"{_member(1)} OR {_member(2)} OR {_GONE}"),
        _hidden("flags", _FLAGS),
    ]
)
# adults and categories as they stand, one row a child, so that everything below is joined in one go
_STANDING = (
    """
    CREATE TEMP TABLE adults ON COMMIT DROP AS
    SELECT DISTINCT ON (r.student_id, r."order") r.student_id, r."order" AS n, r.relation, r.is_guardian, r.from_file,
        g.name, g.phone_hash, g.id_hash
    FROM registry_guardianship r JOIN registry_guardian g ON g.id = r.guardian_id
    WHERE r.ends IS NULL AND r."order" < 3 ORDER BY r.student_id, r."order", r.from_file DESC, r.id
    """,
    """
    CREATE TEMP TABLE flagged ON COMMIT DROP AS
    SELECT f.student_id,
        array_agg(f.category::text) FILTER (WHERE f.valid_until IS NULL
            OR f.valid_until >= CASE f.source WHEN 'import' THEN %(until)s ELSE %(today)s END) AS held,
        array_agg(f.category::text) FILTER (WHERE f.source = 'import' AND f.valid_until >= %(today)s) AS imported
    FROM registry_flag f GROUP BY f.student_id
    """,
    "ANALYZE adults",
    "ANALYZE flagged",
)
_COMPARE = f"""
    CREATE TEMP TABLE difference ON COMMIT DROP AS
    SELECT id, student_id, changes,
        CASE WHEN moves THEN 'moved' WHEN jsonb_array_length(changes) > 0 THEN 'changed' ELSE 'same' END AS change
    FROM (
        SELECT i.id, i.student_id, i.class_id IS DISTINCT FROM s.school_class_id AS moves,
            to_jsonb(array_remove(ARRAY[{_CHANGES}]::jsonb[], NULL)) AS changes
        FROM (
            SELECT i.*, row_number() OVER (PARTITION BY s.household_id ORDER BY i.id) = 1 AS leads
            FROM incoming i JOIN registry_student s ON s.id = i.student_id
        ) i
        JOIN registry_student s ON s.id = i.student_id
        LEFT JOIN registry_household h ON h.id = s.household_id
        LEFT JOIN registry_schoolclass k ON k.id = s.school_class_id
        LEFT JOIN adults a1 ON a1.student_id = s.id AND a1.n = 1
        LEFT JOIN adults a2 ON a2.student_id = s.id AND a2.n = 2
        LEFT JOIN flagged f ON f.student_id = s.id
        OFFSET 0
    ) compared
    UNION ALL
    SELECT id, {{number}}, '[]'::jsonb, 'new' FROM incoming WHERE student_id IS NULL
"""  # noqa: S608
_NEW_NUMBER = "nextval(pg_get_serial_sequence('registry_student', 'id'))"
_TWICE = """
    SELECT i.sheet, i.row, first.row, i.id FROM incoming i
    JOIN (SELECT DISTINCT ON (student_id) student_id, id, row FROM incoming WHERE student_id IS NOT NULL
          ORDER BY student_id, id) first ON first.student_id = i.student_id AND first.id <> i.id
"""
_TAKEN = """
    SELECT i.sheet, i.row, i.id FROM incoming i JOIN registry_student s
    ON i.id_hash <> '' AND s.id_hash = i.id_hash AND i.student_id IS NOT NULL AND s.id <> i.student_id
"""
_COUNT = "SELECT change, count(*) FROM difference GROUP BY change"
_LEFT = """
    SELECT s.id FROM registry_student s
    WHERE s.state = 'enrolled' AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.student_id = s.id)
"""
_LINES = """
    INSERT INTO registry_importline (org_id, batch_id, sheet, row, change, label, problems, changes)
    SELECT i.org_id, i.batch_id, i.sheet, i.row, d.change, left(i.class_label || ' ' || i.name, 80), '[]', d.changes
    FROM difference d JOIN incoming i ON i.id = d.id WHERE d.change <> 'same' ORDER BY i.id
"""
_LEFT_LINES = f"""
    INSERT INTO registry_importline (org_id, batch_id, sheet, row, change, label, problems, changes)
    SELECT s.org_id, %s, '', NULL, 'left', left(COALESCE(k.name, '') || ' ' || s.name, 80), '[]', '[]'
    FROM registry_student s LEFT JOIN registry_schoolclass k ON k.id = s.school_class_id
    WHERE s.id IN ({_LEFT}) ORDER BY k.name, s.name
"""  # noqa: S608


@dataclass(frozen=True)
class Counts:
    """How many rows would do what; `left` are children of the school who are not in the file."""

    new: int = 0
    changed: int = 0
    moved: int = 0
    same: int = 0
    left: int = 0


def match() -> list[Problem]:
    """Find the child of each incoming row. Rows that cannot be told apart are taken out and returned as problems."""
    with staging.planned_for_many(), connection.cursor() as cursor:
        for statement in _MATCH:
            cursor.execute(statement)
        cursor.execute(_TWICE)
        problems = [
            (key, Problem(sheet, row, 0, _("姓名"), "", _("与第 %(row)s 行是系统里的同一名学生") % {"row": before}))
            for sheet, row, before, key in cursor.fetchall()
        ]
        cursor.execute(_TAKEN)
        problems += [
            (key, Problem(sheet, row, 0, _("身份证件号"), "", _("这个号码在系统里属于另一名学生，请核对学籍号")))
            for sheet, row, key in cursor.fetchall()
        ]
        cursor.execute("ANALYZE incoming (student_id)")
        if problems:
            cursor.execute("DELETE FROM incoming WHERE id = ANY(%s)", [[key for key, _problem in problems]])
    return [problem for _key, problem in problems]


def compare(*, today: date, until: date, number: bool = False) -> Counts:
    """Make the table `difference`. `until` is the day up to which imported categories hold (end of the term).

    With `number`, new children get the number under which they will be written.
    """
    with staging.planned_for_many(), connection.cursor() as cursor:
        for statement in _STANDING:
            cursor.execute(statement, {"today": today, "until": until} if "%(" in statement else None)
        cursor.execute(_COMPARE.replace("{number}", _NEW_NUMBER if number else "NULL"))
        cursor.execute("CREATE INDEX ON difference (id)")
        cursor.execute("ANALYZE difference (id, student_id, change)")
        cursor.execute(_COUNT)
        found = dict(cursor.fetchall())
        cursor.execute(f"SELECT count(*) FROM ({_LEFT}) gone")  # noqa: S608
        return Counts(**found, left=cursor.fetchone()[0])


def write_lines(batch: ImportBatch, *, left: bool) -> None:
    """Keep what each row would do for the preview; with `left`, also who is not in the file."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES)
        if left:
            cursor.execute(_LEFT_LINES, [batch.pk])
