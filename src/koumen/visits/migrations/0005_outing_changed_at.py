"""Outings know when they were last changed: calendar files number their versions by it."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0004_slots_doors_availability_plan_details")]

    operations = [
        migrations.AddField(
            "outing",
            "changed_at",
            models.DateTimeField(auto_now=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
    ]
