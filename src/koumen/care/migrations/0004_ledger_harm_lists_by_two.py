"""Problems get an owner, a day and a result; reports of harm are many a case; lists with names of every kind.

No report of harm was ever made before this: its two tables begin anew.
"""

import django.db.models.deletion
from django.db import migrations, models

import koumen.core.fields


def _org() -> models.ForeignKey:
    return models.ForeignKey(
        editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.org"
    )


def _staff(*, null: bool, **more: object) -> models.ForeignKey:
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.staff", **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0003_cases_referrals_dropout_tasks_extracts"),
    ]

    operations = [
        migrations.AddField("finding", "owner", _staff(null=True, verbose_name="责任人")),
        migrations.AddField("finding", "due", models.DateField("办结期限", null=True)),
        migrations.RunSQL("UPDATE care_finding SET due = found_on + 28", migrations.RunSQL.noop),
        migrations.AlterField("finding", "due", models.DateField("办结期限")),
        migrations.AddField("finding", "result", koumen.core.fields.SealedField("办结情况")),
        migrations.AddField("finding", "closed_by", _staff(null=True)),
        migrations.AddIndex(
            "finding", models.Index(fields=["org", "state", "due"], name="finding_state_due")
        ),
        migrations.DeleteModel("HarmStep"),
        migrations.DeleteModel("HarmReport"),
        migrations.CreateModel(
            "HarmReport",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="报告时间")),
                ("token", models.UUIDField()),
                ("kind", models.CharField(max_length=20, verbose_name="情形")),
                ("what", koumen.core.fields.SealedField(verbose_name="发现的情况")),
                ("found_at", models.DateTimeField(verbose_name="发现时间")),
                ("record_id", models.UUIDField(null=True)),
                ("by", _staff(null=False)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="harm_reports", to="care.case"
                    ),
                ),
                ("concerns", _staff(null=True)),
                ("org", _org()),
            ],
            options={"ordering": ["at", "id"], "abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            "harmreport", models.UniqueConstraint(fields=("org", "token"), name="harm_report_once")
        ),
        migrations.CreateModel(
            "HarmStep",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20, verbose_name="步骤")),
                ("note", koumen.core.fields.SealedField(verbose_name="说明")),
                ("at", models.DateTimeField()),
                ("by", _staff(null=False)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="harm_steps", to="care.case"
                    ),
                ),
                ("org", _org()),
            ],
            options={"ordering": ["at", "id"], "abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddField("namelist", "children", models.PositiveIntegerField("学生数", default=0)),
        migrations.AddField("namelist", "downloads", models.PositiveIntegerField(default=0)),
        migrations.AddField("namelist", "wanted", models.JSONField(default=dict)),
        migrations.AlterField(
            "namelist",
            "kind",
            models.CharField(
                "名册",
                choices=[("dropout", "辍学学生名册"), ("ledger", "问题台账"), ("timetables", "家访日程")],
                max_length=10,
            ),
        ),
        migrations.AlterField("namelist", "because", models.CharField("依据和用途", max_length=300)),
    ]
