"""Rules name whom to ask next (二次派遣); that those exist: see sql/."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0003_next_units.sql"


class Migration(migrations.Migration):
    dependencies = [("responsibility", "0002_kept")]

    operations = [
        migrations.AddField(
            model_name="responsibilityrule",
            name="next_unit_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="二次派遣的单位，依次 units asked next, in this order, while it stays unsolved",
                size=None,
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
