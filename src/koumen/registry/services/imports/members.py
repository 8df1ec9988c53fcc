"""Applying the adults of the rows in `incoming`: guardians found again by phone and name, made once, linked.

One adult is one row however many children name them; two names on one phone are two adults. An adult whose phone
changed keeps the row when no other child hangs on it, else the child gets another adult's row.
"""

from datetime import date

from django.db import connection

from koumen.core import links
from koumen.registry.services.imports import staging

_SPREAD = """
    CREATE TEMP TABLE members ON COMMIT DROP AS
    SELECT i.org_id, d.student_id, i.id * 2 + m.n AS place, m.n, m.name, m.relation, m.phone, m.phone_hash, m.id_hash,
        m.guards, NULL::bigint AS guardian_id, false AS is_new
    FROM incoming i JOIN difference d ON d.id = i.id
    CROSS JOIN LATERAL (VALUES
        (1, i.m1_name, i.m1_relation, i.m1_phone, i.m1_phone_hash, i.m1_id_hash, i.m1_guards),
        (2, i.m2_name, i.m2_relation, i.m2_phone, i.m2_phone_hash, i.m2_id_hash, i.m2_guards)
    ) m(n, name, relation, phone, phone_hash, id_hash, guards)
    WHERE d.change <> 'same' AND m.name <> ''
"""
_KNOWN = """
    UPDATE members m SET guardian_id = g.id FROM (
        SELECT DISTINCT ON (phone_hash, name) phone_hash, name, id FROM registry_guardian
        WHERE phone_hash <> '' ORDER BY phone_hash, name, id
    ) g WHERE m.phone_hash <> '' AND g.phone_hash = m.phone_hash AND g.name = m.name
"""
# the child's own adult of that name: without a phone in the file, or with a new one and no other child
_OWN = """
    UPDATE members m SET guardian_id = r.guardian_id FROM registry_guardianship r, registry_guardian g
    WHERE m.guardian_id IS NULL AND r.student_id = m.student_id AND r.ends IS NULL AND g.id = r.guardian_id
        AND g.name = m.name AND (m.phone_hash = '' OR NOT EXISTS (
            SELECT 1 FROM registry_guardianship o WHERE o.guardian_id = g.id AND o.student_id <> m.student_id))
"""
_NEW = """
    UPDATE members m SET guardian_id = n.id, is_new = (n.first = m.place) FROM (
        SELECT key, nextval(pg_get_serial_sequence('registry_guardian', 'id')) AS id, first FROM (
            SELECT CASE WHEN phone_hash <> '' THEN encode(phone_hash, 'hex') || name ELSE place::text END AS key,
                min(place) AS first
            FROM members WHERE guardian_id IS NULL GROUP BY 1 ORDER BY 2
        ) keys
    ) n WHERE m.guardian_id IS NULL
        AND n.key = CASE WHEN m.phone_hash <> '' THEN encode(m.phone_hash, 'hex') || m.name ELSE m.place::text END
"""
_INSERT = """
    INSERT INTO registry_guardian (id, org_id, name, phone, phone_hash, id_hash, reading)
    SELECT guardian_id, org_id, name, phone, phone_hash, id_hash, 'normal' FROM members WHERE is_new ORDER BY place
"""
_UPDATE = """
    UPDATE registry_guardian g SET
        phone = CASE WHEN m.phone_hash IN ('', g.phone_hash) THEN g.phone ELSE m.phone END,
        phone_hash = COALESCE(NULLIF(m.phone_hash, ''), g.phone_hash),
        id_hash = COALESCE(NULLIF(m.id_hash, ''), g.id_hash)
    FROM members m WHERE g.id = m.guardian_id AND NOT m.is_new
        AND (m.phone_hash NOT IN ('', g.phone_hash) OR m.id_hash NOT IN ('', g.id_hash))
"""
_LINK = """
    INSERT INTO registry_guardianship AS r (org_id, student_id, guardian_id, relation, "order", is_guardian, sees_data,
        gets_notices, may_sign, from_file, starts, ends)
    SELECT DISTINCT ON (m.student_id, m.guardian_id) m.org_id, m.student_id, m.guardian_id,
        COALESCE(NULLIF(m.relation, ''), '80'), m.n,
        COALESCE(m.guards, m.n = 1 OR m.relation IN ('51', '52', '57', '58')), true, true, true, true, %s, NULL
    FROM members m ORDER BY m.student_id, m.guardian_id, m.n
    ON CONFLICT (org_id, student_id, guardian_id) DO UPDATE SET
        relation = CASE WHEN EXCLUDED.relation = '80' THEN r.relation ELSE EXCLUDED.relation END,
        is_guardian = COALESCE((
            SELECT m.guards FROM members m WHERE m.student_id = r.student_id AND m.guardian_id = r.guardian_id
            ORDER BY m.n LIMIT 1), r.is_guardian),
        "order" = EXCLUDED."order", from_file = true, ends = NULL
"""
_END = """
    UPDATE registry_guardianship r SET ends = GREATEST(r.starts, %s::date)
    WHERE r.from_file AND r.ends IS NULL AND r.student_id IN (SELECT student_id FROM members)
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.student_id = r.student_id AND m.guardian_id = r.guardian_id)
    RETURNING r.guardian_id
"""


def write_members(*, today: date, since: date, changes: bool) -> None:
    """Guardians and guardianships of the changed rows; adults the file names no longer end today, and their links.

    Without `changes` there are only new children, who have no adults yet.
    """
    with staging.planned_for_many(), connection.cursor() as cursor:
        for statement in (_SPREAD, "ANALYZE members (student_id, phone_hash, name)", _KNOWN):
            cursor.execute(statement)
        if changes:
            cursor.execute(_OWN)
        for statement in (_NEW, _INSERT, _UPDATE):
            cursor.execute(statement)
        cursor.execute(_LINK, [since])
        if changes:
            cursor.execute(_END, [today])
            for guardian in {row[0] for row in cursor.fetchall()}:
                links.end_all(guardian)
