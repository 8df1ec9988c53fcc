"""Opinions know who sent them without an account, everybody they are about, and how long their topic may take."""

import django.db.models.deletion
from django.db import migrations, models

import koumen.core.fields

TOPICS = [
    ("management", "学校管理"), ("teaching", "教学"), ("ethics", "师德"), ("meals", "餐饮"), ("safety", "安全"),
    ("fees", "收费"), ("bus", "校车"), ("parenting", "家庭教育"), ("other", "其他"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0005_dropout_signed_and_reports_returned"),
    ]

    operations = [
        migrations.AddField("opinion", "concerns", models.JSONField(default=list)),
        migrations.RunSQL(
            "UPDATE care_opinion SET concerns = jsonb_build_array(about_id) WHERE about_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddField("opinion", "gist", models.CharField("主要内容", blank=True, max_length=100)),
        migrations.AddField("opinion", "origin_org", models.BigIntegerField(null=True)),
        migrations.AddField("opinion", "sender_name", koumen.core.fields.SealedField("称呼")),
        migrations.AddField("opinion", "sender_phone", koumen.core.fields.SealedField("联系电话")),
        migrations.CreateModel(
            "OpinionLimit",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField("类别", choices=TOPICS, max_length=10)),
                ("days", models.PositiveSmallIntegerField("答复期限(上学日)")),
                ("extra_days", models.PositiveSmallIntegerField("延期一次(上学日)")),
                (
                    "org",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.org",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("org", "topic"), name="one_limit_per_topic")],
            },
        ),
    ]
