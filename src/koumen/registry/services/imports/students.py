"""Applying the rows in `incoming` to children, their homes and classes: bulk SQL in the caller's transaction.

Each statement touches only rows whose `difference` says so, so that the same file again writes nothing.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from koumen.registry.services.imports import staging

# A home of its own for every new child; brothers and sisters are joined by a person (SiblingOffer).
_HOMES = """
    CREATE TEMP TABLE homes ON COMMIT DROP AS
    SELECT i.id, d.student_id, i.org_id, i.address, i.address_hash, i.place_id, i.lng, i.lat,
        nextval(pg_get_serial_sequence('registry_household', 'id')) AS household_id
    FROM incoming i JOIN difference d ON d.id = i.id LEFT JOIN registry_student s ON s.id = d.student_id
    WHERE d.change = 'new' OR (d.change IN ('changed', 'moved') AND s.household_id IS NULL)
    ORDER BY i.id
"""
_INSERT_HOMES = """
    INSERT INTO registry_household (id, org_id, address, address_hash, place_id, lng, lat, point_source,
        is_remote, is_risky, pattern, asks_gender, asks_language, prefers_remote)
    SELECT m.household_id, m.org_id, m.address, m.address_hash, m.place_id, COALESCE(m.lng, p.lng),
        COALESCE(m.lat, p.lat),
        CASE WHEN m.lng IS NOT NULL THEN 'file' WHEN p.id IS NOT NULL THEN 'place' ELSE 'none' END,
        COALESCE(p.is_remote, false), false, 'any', '', '', false
    FROM homes m LEFT JOIN registry_place p ON p.id = m.place_id
"""
_INSERT_STUDENTS = """
    INSERT INTO registry_student (id, org_id, name, gender, birth_date, ethnicity, id_type, id_no, id_hash, student_no,
        student_no_hash, class_no, boarding, commute, entered_on, is_new, state, school_class_id, household_id,
        home_hash)
    SELECT d.student_id, i.org_id, i.name, COALESCE(NULLIF(i.gender, ''), '0'), i.birth_date, i.ethnicity, i.id_type,
        i.id_no, i.id_hash, i.student_no, i.student_no_hash, i.class_no, i.boarding, i.commute, i.entered_on,
        COALESCE(i.is_new, false), 'enrolled', i.class_id, m.household_id, i.address_hash
    FROM incoming i JOIN difference d ON d.id = i.id JOIN homes m ON m.id = i.id WHERE d.change = 'new' ORDER BY i.id
"""
_END_STAYS = """
    UPDATE registry_enrolment e SET ends = GREATEST(e.starts, %s::date), state = 'enrolled'
    FROM incoming i JOIN difference d ON d.id = i.id JOIN registry_student s ON s.id = d.student_id
    WHERE e.student_id = s.id AND e.ends IS NULL AND (d.change = 'moved')
"""
_RETURNED = "s.state IN ('moved', 'dropped', 'graduated')"
_START_STAYS = f"""
    INSERT INTO registry_enrolment (org_id, student_id, school_class_id, starts, ends, state)
    SELECT i.org_id, d.student_id, i.class_id, CASE d.change WHEN 'new' THEN %s::date ELSE %s::date END, NULL,
        'enrolled'
    FROM incoming i JOIN difference d ON d.id = i.id JOIN registry_student s ON s.id = d.student_id
    WHERE d.change IN ('new', 'moved') OR (d.change = 'changed' AND {_RETURNED})
"""  # noqa: S608
_UPDATE_STUDENTS = f"""
    UPDATE registry_student s SET
        name = i.name,
        gender = COALESCE(NULLIF(i.gender, ''), s.gender),
        birth_date = COALESCE(i.birth_date, s.birth_date),
        ethnicity = COALESCE(NULLIF(i.ethnicity, ''), s.ethnicity),
        id_type = COALESCE(NULLIF(i.id_type, ''), s.id_type),
        id_no = CASE WHEN i.id_hash IN ('', s.id_hash) THEN s.id_no ELSE i.id_no END,
        id_hash = COALESCE(NULLIF(i.id_hash, ''), s.id_hash),
        student_no = CASE WHEN i.student_no_hash IN ('', s.student_no_hash) THEN s.student_no ELSE i.student_no END,
        student_no_hash = COALESCE(NULLIF(i.student_no_hash, ''), s.student_no_hash),
        class_no = COALESCE(NULLIF(i.class_no, ''), s.class_no),
        boarding = COALESCE(NULLIF(i.boarding, ''), s.boarding),
        commute = COALESCE(NULLIF(i.commute, ''), s.commute),
        entered_on = COALESCE(i.entered_on, s.entered_on),
        is_new = COALESCE(i.is_new, s.is_new),
        home_hash = COALESCE(NULLIF(i.address_hash, ''), s.home_hash),
        school_class_id = i.class_id,
        household_id = COALESCE(s.household_id, m.household_id),
        state = CASE WHEN {_RETURNED} THEN 'enrolled' ELSE s.state END
    FROM incoming i JOIN difference d ON d.id = i.id LEFT JOIN homes m ON m.id = i.id
    WHERE s.id = d.student_id AND d.change IN ('changed', 'moved')
"""  # noqa: S608
# A home several children share takes the change of the first of them in the file.
_MOVED_HOMES = """
    CREATE TEMP TABLE moved_homes ON COMMIT DROP AS
    SELECT DISTINCT ON (s.household_id) s.household_id, i.address, i.address_hash, i.place_id, i.lng, i.lat,
        d.changes @> '[{"field": "address"}]' AS moved
    FROM incoming i JOIN difference d ON d.id = i.id JOIN registry_student s ON s.id = d.student_id
    WHERE s.household_id IS NOT NULL AND (d.changes @> '[{"field": "address"}]' OR d.changes @> '[{"field": "point"}]'
        OR d.changes @> '[{"field": "place"}]')
    ORDER BY s.household_id, i.id
"""
_UPDATE_HOMES = """
    UPDATE registry_household h SET
        address = CASE WHEN m.moved THEN m.address ELSE h.address END,
        address_hash = CASE WHEN m.moved THEN m.address_hash ELSE h.address_hash END,
        place_id = CASE WHEN m.moved OR m.place_id IS NOT NULL THEN m.place_id ELSE h.place_id END,
        lng = CASE WHEN k.keeps THEN h.lng ELSE COALESCE(m.lng, p.lng) END,
        lat = CASE WHEN k.keeps THEN h.lat ELSE COALESCE(m.lat, p.lat) END,
        point_source = CASE WHEN k.keeps THEN h.point_source WHEN m.lng IS NOT NULL THEN 'file'
            WHEN p.id IS NOT NULL THEN 'place' ELSE 'none' END,
        is_remote = h.is_remote OR COALESCE(p.is_remote, false)
    FROM moved_homes m LEFT JOIN registry_place p ON p.id = m.place_id
    JOIN LATERAL (
        SELECT NOT m.moved AND (
            hh.point_source = 'map' OR (m.lng IS NULL AND (p.id IS NULL OR hh.point_source = 'file'))) AS keeps
        FROM registry_household hh WHERE hh.id = m.household_id
    ) k ON true
    WHERE h.id = m.household_id
"""
# Categories of a code table given as parameters: codes, and how widely each may be known.
_FLAGS = """
    INSERT INTO registry_flag (org_id, student_id, category, sensitivity, source, reason, confirmed_by, starts,
        valid_until)
    SELECT i.org_id, d.student_id, said, c.sensitivity, 'import', %s, '', %s, %s
    FROM incoming i JOIN difference d ON d.id = i.id
    CROSS JOIN unnest(string_to_array(i.flags, ',')) said
    JOIN unnest(%s::text[], %s::int[]) c(code, sensitivity) ON c.code = said
    WHERE d.change <> 'same'
    ON CONFLICT (org_id, student_id, category) DO UPDATE
    SET valid_until = EXCLUDED.valid_until, source = 'import', ended_at = NULL
    WHERE registry_flag.valid_until IS NOT NULL AND registry_flag.valid_until < EXCLUDED.valid_until
        AND (registry_flag.source = 'import' OR registry_flag.valid_until < EXCLUDED.starts)
"""
_END_FLAGS = """
    UPDATE registry_flag f SET valid_until = %s
    FROM incoming i JOIN difference d ON d.id = i.id
    WHERE d.change <> 'same' AND f.student_id = d.student_id AND f.source = 'import' AND f.valid_until >= %s
        AND f.category = ANY(string_to_array(i.told, ',')) AND NOT f.category = ANY(string_to_array(i.flags, ','))
"""
_LEAVE = (
    """
    UPDATE registry_enrolment e SET ends = GREATEST(e.starts, %s::date), state = 'moved'
    FROM registry_student s WHERE e.student_id = s.id AND e.ends IS NULL AND s.state = 'enrolled'
        AND NOT EXISTS (SELECT 1 FROM difference d WHERE d.student_id = s.id)
""",
    """
    UPDATE registry_student s SET state = 'moved' WHERE s.state = 'enrolled'
        AND NOT EXISTS (SELECT 1 FROM difference d WHERE d.student_id = s.id)
""",
)


def _run(*statements: tuple[str, list[Any]]) -> None:
    with connection.cursor() as cursor:
        for text, values in statements:
            cursor.execute(text, values)


def write_children(*, today: date, since: date, changes: bool) -> None:
    """Children, homes and stays in classes. New children stay in their class since `since`, moved ones since today.

    Without `changes` there are only new children, and nothing else is looked for.
    """
    yesterday = today - timedelta(days=1)
    with staging.planned_for_many():
        _run((_HOMES, []), ("ANALYZE homes", []), (_INSERT_HOMES, []))
        if changes:
            _run((_MOVED_HOMES, []))
        _run((_INSERT_STUDENTS, []))
        if changes:
            _run((_END_STAYS, [yesterday]))
        _run((_START_STAYS, [since, today]))
        if changes:
            _run((_UPDATE_HOMES, []), (_UPDATE_STUDENTS, []))


def write_flags(sensitivities: dict[str, int], *, today: date, until: date, reason: str) -> None:
    """Categories the rows state, valid until the end of the term; imported ones that are no longer true end."""
    _run(
        (_FLAGS, [reason, today, until, list(sensitivities), list(sensitivities.values())]),
        (_END_FLAGS, [today - timedelta(days=1), today]),
    )


def let_leave(*, today: date) -> None:
    """Children who are not in the file have left the school."""
    _run((_LEAVE[0], [today]), (_LEAVE[1], []))
