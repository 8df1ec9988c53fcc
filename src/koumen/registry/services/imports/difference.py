"""What the rows in `incoming` would change: compared with the registry in bulk, by SQL.

The result is the temporary table `difference` (id of the incoming row, change, changes). Empty cells say nothing and
change nothing. Sealed values are compared by their keyed hash and never opened.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from koumen.registry.models import ImportBatch
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
    """Whether adult `n` of the row stands in the registry as the row says."""
    return f"""NOT EXISTS (
        SELECT 1 FROM registry_guardianship r JOIN registry_guardian g ON g.id = r.guardian_id
        WHERE r.student_id = s.id AND r.ends IS NULL AND r."order" = {n} AND g.name = i.m{n}_name
        AND (i.m{n}_phone_hash = '' OR g.phone_hash = i.m{n}_phone_hash)
        AND (i.m{n}_id_hash = '' OR g.id_hash = i.m{n}_id_hash)
        AND (i.m{n}_relation IN ('', '80') OR r.relation = i.m{n}_relation)
        AND (i.m{n}_guards IS NULL OR r.is_guardian = i.m{n}_guards))"""  # noqa: S608


def _named(n: int) -> str:
    return f"(g.name = i.m{n}_name AND (i.m{n}_phone_hash = '' OR g.phone_hash = i.m{n}_phone_hash))"


_GONE = f"""i.m1_name <> '' AND EXISTS (
    SELECT 1 FROM registry_guardianship r JOIN registry_guardian g ON g.id = r.guardian_id
    WHERE r.student_id = s.id AND r.from_file AND r.ends IS NULL AND NOT {_named(1)} AND NOT {_named(2)})"""  # noqa: S608
_FLAGS = """EXISTS (
    SELECT 1 FROM unnest(string_to_array(i.flags, ',')) said WHERE NOT EXISTS (
        SELECT 1 FROM registry_flag f WHERE f.student_id = s.id AND f.category = said
        AND (f.valid_until IS NULL OR f.valid_until >= CASE f.source WHEN 'import' THEN d.until ELSE d.today END)))
    OR EXISTS (
        SELECT 1 FROM registry_flag f WHERE f.student_id = s.id AND f.source = 'import' AND f.valid_until >= d.today
        AND f.category = ANY(string_to_array(i.told, ','))
        AND NOT f.category = ANY(string_to_array(i.flags, ',')))"""
HOME_CHANGED = "i.address_hash <> '' AND i.address_hash <> COALESCE(NULLIF(s.home_hash, ''), h.address_hash, '')"
POINT_CHANGED = (
    "l.leads AND i.lng IS NOT NULL AND h.point_source <> 'map' AND (h.point_source <> 'file'"
    " OR abs(h.lng - i.lng) > 1e-6 OR abs(h.lat - i.lat) > 1e-6)"
)
PLACE_CHANGED = "l.leads AND i.place_id IS NOT NULL AND i.place_id IS DISTINCT FROM h.place_id"
_CHANGES = ",\n".join(
    [
        *(_plain(column, f"i.{column} <> ''") for column in _TEXTS),
        *(_plain(column, f"i.{column} IS NOT NULL") for column in _OTHERS),
        *(_hidden(field, f"i.{mark} <> '' AND i.{mark} <> s.{mark}") for field, mark in _SEALED),
        "CASE WHEN i.class_id IS DISTINCT FROM s.school_class_id THEN"
        " jsonb_build_object('field', 'school_class', 'old', k.name, 'new', i.class_label) END",
        "CASE WHEN s.state IN ('moved', 'dropped', 'graduated') THEN"
        " jsonb_build_object('field', 'state', 'old', s.state, 'new', 'enrolled') END",
        _hidden("address", f"s.household_id IS NULL OR ({HOME_CHANGED})"),
        _hidden("point", POINT_CHANGED),
        _hidden("place", PLACE_CHANGED),
        _hidden("members", f"(i.m1_name <> '' AND {_member(1)}) OR (i.m2_name <> '' AND {_member(2)}) OR ({_GONE})"),
        _hidden("flags", _FLAGS),
    ]
)
_COMPARE = f"""
    CREATE TEMP TABLE difference ON COMMIT DROP AS
    SELECT id, student_id, changes,
        CASE WHEN moves THEN 'moved' WHEN jsonb_array_length(changes) > 0 THEN 'changed' ELSE 'same' END AS change
    FROM (
        SELECT i.id, i.student_id, i.class_id IS DISTINCT FROM s.school_class_id AS moves,
            to_jsonb(array_remove(ARRAY[{_CHANGES}]::jsonb[], NULL)) AS changes
        FROM incoming i
        JOIN registry_student s ON s.id = i.student_id
        LEFT JOIN registry_household h ON h.id = s.household_id
        LEFT JOIN registry_schoolclass k ON k.id = s.school_class_id
        JOIN (
            SELECT i.id, row_number() OVER (PARTITION BY s.household_id ORDER BY i.id) = 1 AS leads
            FROM incoming i JOIN registry_student s ON s.id = i.student_id
        ) l ON l.id = i.id
        CROSS JOIN (SELECT %s::date AS today, %s::date AS until) d
    ) compared
    UNION ALL
    SELECT id, NULL, '[]'::jsonb, 'new' FROM incoming WHERE student_id IS NULL
"""  # noqa: S608
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
    with connection.cursor() as cursor:
        for statement in _MATCH:
            cursor.execute(statement)
        cursor.execute(_TWICE)
        problems = [
            (key, Problem(sheet, row, 0, _("姓名"), "", _("与第 %(row)s 行是系统里的同一名学生") % {"row": before}))
            for sheet, row, before, key in cursor.fetchall()
        ]
        cursor.execute(_TAKEN)
        problems += [
            (key, Problem(sheet, row, 0, _("身份证件号"), "", _("这个号码在系统里属于另一名学生,请核对学籍号")))
            for sheet, row, key in cursor.fetchall()
        ]
        if problems:
            cursor.execute("DELETE FROM incoming WHERE id = ANY(%s)", [[key for key, _problem in problems]])
    return [problem for _key, problem in problems]


def compare(*, today: date, until: date) -> Counts:
    """Make the table `difference`. `until` is the day up to which imported categories hold (end of the term)."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, [today, until])
        cursor.execute("CREATE INDEX ON difference (id)")
        cursor.execute("ANALYZE difference")
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
