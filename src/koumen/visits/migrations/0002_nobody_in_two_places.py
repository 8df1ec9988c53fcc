"""A database constraint: while outings are live, nobody is in two places at once.

Ranges are built from plain columns, because the embedded PostgreSQL has no btree_gist.
"""

from django.db import migrations

ADD = """
ALTER TABLE visits_outingstaff ADD CONSTRAINT nobody_in_two_places EXCLUDE USING gist (
    int8range(staff_id, staff_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at) WITH &&
) WHERE (is_live);
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_campaigns_plans_visits")]
    operations = [
        migrations.RunSQL(ADD, "ALTER TABLE visits_outingstaff DROP CONSTRAINT nobody_in_two_places"),
    ]
