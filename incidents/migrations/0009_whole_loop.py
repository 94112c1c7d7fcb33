"""All moves of the loop, exactly one holder, and steps that are chained by hashes."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0008_regrid")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="handling_unit_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=[],
                default=list,
                editable=False,
                help_text="Units that have or had a work order in it; kept by the database",
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("handling_unit_ids", []), _negated=True),
                fields=["handling_unit_ids"],
                name="incident_by_handling_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("stage", "CLOSED")), fields=["closed_at"], name="incident_is_closed"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("waiting", "suspended")), fields=["id"], name="incident_is_suspended"
            ),
        ),
        migrations.RunSQL((SQL / "0009_1_workflow.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((SQL / "0009_2_chain.sql").read_text(encoding="utf-8")),
    ]
