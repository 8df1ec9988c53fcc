"""Finding households that look like one: same adult or phone, same ID of an adult, same address. People decide."""

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOST = 4  # more homes than this on one phone or address: a village, a dormitory, the school's own number

REASONS: dict[str, Promise] = {
    "phone_address": _("家长电话相同,住址相同"),
    "phone": _("家长电话相同"),
    "id": _("家长证件号相同"),
    "address": _("住址相同"),
}
_OFFER = """
    WITH living AS (
        SELECT DISTINCT s.household_id AS home, h.address_hash
        FROM registry_student s JOIN registry_household h ON h.id = s.household_id
        WHERE s.state IN ('enrolled', 'suspended')
    ), signs AS (
        SELECT DISTINCT s.household_id AS home, v.kind, v.sign
        FROM registry_student s JOIN registry_guardianship r ON r.student_id = s.id AND r.ends IS NULL
        JOIN registry_guardian g ON g.id = r.guardian_id
        CROSS JOIN LATERAL (VALUES ('phone', g.phone_hash), ('id', g.id_hash)) v(kind, sign)
        WHERE v.sign <> '' AND s.household_id IS NOT NULL AND s.state IN ('enrolled', 'suspended')
        UNION ALL
        SELECT home, 'address', address_hash FROM living WHERE address_hash <> ''
    ), shared AS (
        SELECT kind, sign FROM signs GROUP BY kind, sign HAVING count(*) BETWEEN 2 AND %s
    ), pairs AS (
        SELECT a.home AS one, b.home AS two, array_agg(DISTINCT a.kind) AS kinds
        FROM shared JOIN signs a USING (kind, sign) JOIN signs b USING (kind, sign)
        WHERE a.home < b.home GROUP BY 1, 2
    )
    INSERT INTO registry_siblingoffer (org_id, household_id, other_id, reason, state, decided_by, moved)
    SELECT h.org_id, p.one, p.two,
        CASE WHEN p.kinds @> ARRAY['phone', 'address'] THEN 'phone_address' WHEN 'phone' = ANY(p.kinds) THEN 'phone'
            WHEN 'id' = ANY(p.kinds) THEN 'id' ELSE 'address' END, 'open', '', '[]'
    FROM pairs p JOIN registry_household h ON h.id = p.one
    ON CONFLICT (org_id, household_id, other_id) DO NOTHING
"""


def offer_siblings() -> int:
    """Add an offer for every new pair of homes that look like one. Returns how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFER, [MOST])
        return int(cursor.rowcount)
