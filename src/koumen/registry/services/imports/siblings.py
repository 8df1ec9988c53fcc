"""Finding households that look like one: same adult or phone, same ID of an adult, same address. People decide."""

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koumen.registry.services.imports import staging

MOST = 4  # more homes than this on one phone or address: a village, a dormitory, the school's own number

REASONS: dict[str, Promise] = {
    "phone_address": _("家长电话相同，住址相同"),
    "phone": _("家长电话相同"),
    "id": _("家长证件号相同"),
    "address": _("住址相同"),
}
# what two homes may have in common: an adult's phone, an adult's ID number, the address
_SIGNS = """
    CREATE TEMP TABLE signs ON COMMIT DROP AS
    SELECT DISTINCT s.household_id AS home, v.kind, v.sign
    FROM registry_student s JOIN registry_guardianship r ON r.student_id = s.id AND r.ends IS NULL
    JOIN registry_guardian g ON g.id = r.guardian_id
    CROSS JOIN LATERAL (VALUES ('phone', g.phone_hash), ('id', g.id_hash)) v(kind, sign)
    WHERE v.sign <> '' AND s.household_id IS NOT NULL AND s.state IN ('enrolled', 'suspended')
    UNION ALL
    SELECT DISTINCT h.id, 'address', h.address_hash
    FROM registry_household h JOIN registry_student s ON s.household_id = h.id
    WHERE h.address_hash <> '' AND s.state IN ('enrolled', 'suspended')
"""
_SHARED = """
    CREATE TEMP TABLE shared ON COMMIT DROP AS
    SELECT g.* FROM (SELECT home, kind, sign, count(*) OVER (PARTITION BY kind, sign) AS homes FROM signs) g
    WHERE homes BETWEEN 2 AND %s
"""
_OFFER = """
    INSERT INTO registry_siblingoffer (org_id, household_id, other_id, reason, state, decided_by, moved)
    SELECT h.org_id, p.one, p.two,
        CASE WHEN p.kinds @> ARRAY['phone', 'address'] THEN 'phone_address' WHEN 'phone' = ANY(p.kinds) THEN 'phone'
            WHEN 'id' = ANY(p.kinds) THEN 'id' ELSE 'address' END, 'open', '', '[]'
    FROM (
        SELECT a.home AS one, b.home AS two, array_agg(DISTINCT a.kind) AS kinds
        FROM shared a JOIN shared b ON b.kind = a.kind AND b.sign = a.sign AND b.home > a.home GROUP BY 1, 2
    ) p JOIN registry_household h ON h.id = p.one
    ON CONFLICT (org_id, household_id, other_id) DO NOTHING
"""


def offer_siblings() -> int:
    """Add an offer for every new pair of homes that look like one. Returns how many are new."""
    with staging.planned_for_many(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.signs, pg_temp.shared")
        cursor.execute(_SIGNS)
        cursor.execute("ANALYZE signs")
        cursor.execute(_SHARED, [MOST])
        cursor.execute("ANALYZE shared")
        cursor.execute(_OFFER)
        return int(cursor.rowcount)
