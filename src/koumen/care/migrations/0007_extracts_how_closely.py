import koumen.core.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0006_opinions_sender_concerns_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='extract',
            name='width',
            field=models.CharField(choices=[('grade', '本校同年级'), ('stage', '本校同学段'), ('school', '全校')], default='stage', max_length=6, verbose_name='说到多细'),
        ),
        migrations.AddField(
            model_name='extract',
            name='nicknames',
            field=koumen.core.fields.SealedField(verbose_name='小名和绰号'),
        ),
    ]
