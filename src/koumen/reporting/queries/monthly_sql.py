"""The SQL of the monthly table: one statement a sheet, and the statement of the list behind a number.

Everything is as of the month's last day in China. A child stands in the class of its latest enrolment begun by then.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from koumen.reporting.presets.columns import Column

# every statement begins with these; %(…)s are bound by `monthly.bounds`
_CHILDREN = """
WITH stay AS (
    SELECT DISTINCT ON (e.student_id) e.student_id, e.school_class_id AS class_id,
           (e.ends IS NULL AND e.state = 'enrolled') OR COALESCE(e.ends >= %(last)s, FALSE) AS on_roll
    FROM registry_enrolment e
    WHERE e.org_id = %(org)s AND e.starts <= %(last)s
    ORDER BY e.student_id, e.starts DESC, e.id DESC
), flagged AS (
    SELECT f.student_id, f.category, f.sensitivity
    FROM registry_flag f
    WHERE f.org_id = %(org)s AND f.starts <= %(last)s AND (f.valid_until IS NULL OR f.valid_until >= %(last)s)
), child AS (
    SELECT s.id AS student_id, COALESCE(y.class_id, s.school_class_id) AS class_id,
           COALESCE(y.on_roll, FALSE) AS on_roll,
           s.id IN (SELECT student_id FROM flagged WHERE category = ANY(%(key)s)) AS is_key
    FROM registry_student s LEFT JOIN stay y ON y.student_id = s.id
    WHERE s.org_id = %(org)s
), been AS MATERIALIZED (
    SELECT v.id AS visit_id, v.mode, v.lead_id, c.student_id, c.class_id, c.on_roll, c.is_key,
           v.starts_at >= %(month)s AS in_month, v.starts_at >= %(year)s AS in_year, v.starts_at >= %(term)s AS in_term
    FROM visits_visit v
    JOIN visits_visitstudent vs ON vs.visit_id = v.id AND vs.org_id = %(org)s
    JOIN child c ON c.student_id = vs.student_id
    WHERE v.org_id = %(org)s AND v.state = 'recorded'
      AND v.starts_at >= LEAST(%(month)s, %(year)s) AND v.starts_at < %(end)s
), seen AS (
    SELECT student_id, bool_or(in_year) AS year_any, bool_or(in_year AND mode = '01') AS year_door,
           bool_or(in_term) AS term_any, bool_or(in_term AND mode = '01') AS term_door
    FROM been GROUP BY student_id
)"""
_SHEET_1 = """, roll AS (
    SELECT c.*, COALESCE(b.year_any, FALSE) AS year_any, COALESCE(b.year_door, FALSE) AS year_door,
           COALESCE(b.term_door, FALSE) AS term_door
    FROM child c LEFT JOIN seen b ON b.student_id = c.student_id
), solved AS (
    SELECT source_id AS record_id, bool_and(state = 'closed' AND COALESCE(closed_at < %(end)s, FALSE)) AS is_solved
    FROM care_finding
    WHERE org_id = %(org)s AND source = 'visit' AND state <> 'withdrawn'
    GROUP BY source_id
), pair AS (
    SELECT b.visit_id, b.student_id, b.class_id, b.mode, b.is_key, r.opinion, r.measures, r.satisfaction,
           r.problem <> '' OR jsonb_array_length(r.problem_categories) > 0 AS has_problem,
           COALESCE(d.is_solved, FALSE) AS is_solved
    FROM been b LEFT JOIN visits_visitrecord r ON r.visit_id = b.visit_id AND r.org_id = %(org)s
    LEFT JOIN solved d ON d.record_id = r.id
    WHERE b.in_month
), posts AS (
    SELECT ro.staff_id, ro.school_class_id AS class_id,
           CASE WHEN ro.post IN ('principal', 'vice_principal') THEN 1
                WHEN ro.post IN ('middle_leader', 'moral_office', 'grade_head') THEN 2
                WHEN ro.post = 'class_teacher' THEN 3
                WHEN ro.post IN ('subject_teacher', 'counsellor') THEN 4 END AS rank
    FROM registry_role ro
    WHERE ro.org_id = %(org)s AND ro.starts <= %(last)s AND (ro.ends IS NULL OR ro.ends >= %(last)s)
), went AS (
    SELECT t.staff_id, t.class_id, p.rank
    FROM (
        SELECT lead_id AS staff_id, class_id FROM been WHERE in_month
        UNION
        SELECT w.staff_id, b.class_id FROM been b
        JOIN visits_visitstaff w ON w.visit_id = b.visit_id AND w.org_id = %(org)s WHERE b.in_month
    ) t
    LEFT JOIN (SELECT staff_id, min(rank) AS rank FROM posts GROUP BY staff_id) p ON p.staff_id = t.staff_id
), post AS (
    SELECT s.id AS staff_id, p.class_id
    FROM registry_staff s LEFT JOIN posts p ON p.staff_id = s.id AND p.class_id IS NOT NULL
    WHERE s.org_id = %(org)s AND s.is_active
), missed AS (
    SELECT v.id AS visit_id, c.class_id, v.not_visited AS reason
    FROM visits_visit v
    JOIN visits_visitstudent vs ON vs.visit_id = v.id AND vs.org_id = %(org)s
    JOIN child c ON c.student_id = vs.student_id
    WHERE v.org_id = %(org)s AND v.state <> 'recorded' AND v.not_visited <> ''
      AND COALESCE(v.starts_at, v.created_at) >= %(month)s AND COALESCE(v.starts_at, v.created_at) < %(end)s
)"""
_SHEET_2 = """, cared AS (
    SELECT k.student_id, bool_or(h.id IS NOT NULL) AS is_paired
    FROM care_case k
    LEFT JOIN care_caseseat h ON h.case_id = k.id AND h.org_id = %(org)s AND h.part = 'helper'
         AND h.starts <= %(last)s AND h.ends >= %(last)s
    WHERE k.org_id = %(org)s AND k.kind = 'care' AND k.state <> 'proposed' AND k.opened_on <= %(last)s
      AND (k.closed_at IS NULL OR k.closed_at >= %(end)s)
    GROUP BY k.student_id
), held AS (
    SELECT c.student_id, c.class_id, c.on_roll, f.category, f.sensitivity, COALESCE(b.term_any, FALSE) AS term_any,
           k.student_id IS NOT NULL AS has_case, COALESCE(k.is_paired, FALSE) AS is_paired
    FROM flagged f JOIN child c ON c.student_id = f.student_id LEFT JOIN seen b ON b.student_id = f.student_id
    LEFT JOIN cared k ON k.student_id = f.student_id
), held_pair AS (
    SELECT b.visit_id, b.student_id, b.class_id, b.mode, f.category, f.sensitivity
    FROM been b JOIN flagged f ON f.student_id = b.student_id WHERE b.in_month
)"""


def rows(statement: str, bound: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one of these statements.

    Nested loops are off for it alone: between an import and PostgreSQL's next look at the tables, its estimates are so
    far off that it would compare every visit with every child (measured: 870 ms instead of 30).
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_nestloop = off; {statement}; SET LOCAL enable_nestloop = on", dict(bound))
        cursor.nextset()
        return list(cursor.fetchall())


def _number(column: Column) -> str:
    many = f"({column.counts})" if "," in column.counts else column.counts
    return f"'{column.key}', count(DISTINCT {many}) FILTER (WHERE {column.where})"


def _grouped(source: str, columns: Iterable[Column], by: str) -> str:
    numbers = ", ".join(_number(c) for c in columns)
    return (
        f"SELECT {by}::text AS part, GROUPING({by}) = 1 AS is_total, jsonb_build_object({numbers}) AS numbers"  # noqa: S608
        f" FROM {source} GROUP BY GROUPING SETS (({by}), ())"
    )


def _by_source(columns: Iterable[Column]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for column in columns:
        found.setdefault(column.source, []).append(column)
    return found


def sheet_1(columns: Iterable[Column]) -> str:
    """Rows (part, is_total, numbers): numbers of each class, and of the school counted once, by column key."""
    parts = [_grouped(source, group, "class_id") for source, group in _by_source(columns).items()]
    parts.append(
        "SELECT class_id::text, GROUPING(class_id) = 1,"
        " jsonb_build_object('reason:' || reason, count(DISTINCT visit_id))"
        " FROM missed GROUP BY GROUPING SETS ((class_id, reason), (reason))"
    )
    return f"{_CHILDREN}{_SHEET_1} " + " UNION ALL ".join(parts)


def sheet_2(columns: Iterable[Column]) -> str:
    """The same by category; the total is of the categories that are not sealed."""
    parts = []
    for source, group in _by_source(columns).items():
        numbers = ", ".join(_number(c) for c in group)
        parts += [
            f"SELECT category AS part, FALSE AS is_total, jsonb_build_object({numbers}) AS numbers"  # noqa: S608
            f" FROM {source} GROUP BY category",
            f"SELECT NULL, TRUE, jsonb_build_object({numbers}) FROM {source} WHERE sensitivity < 3",  # noqa: S608
        ]
    return f"{_CHILDREN}{_SHEET_2} " + " UNION ALL ".join(parts)


def behind(column: Column) -> str:
    """The distinct ids a number counts: of one class when %(class)s is given, of one category when %(category)s is."""
    sheet, category = (_SHEET_2, True) if column.source.startswith("held") else (_SHEET_1, False)
    held = "AND sensitivity < 3 AND (%(category)s = '' OR category = %(category)s)" if category else ""
    return (
        f"{_CHILDREN}{sheet} SELECT DISTINCT {column.counts} FROM {column.source}"  # noqa: S608
        f" WHERE ({column.where}) AND (%(class)s IS NULL OR class_id = %(class)s) {held}"
    )
