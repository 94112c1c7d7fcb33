"""The grid's guard: the database keeps the cells seamless, versioned, numbered and summed up into units.

The SQL stands in sql/0002_*.sql, one concern a file, run in the order of their names. A later change to a
function goes into a later migration: what these files hold has been run by every deployment.
"""

from pathlib import Path

from django.db import migrations, models

FILES = sorted((Path(__file__).parent / "sql").glob("0002_*.sql"))


class Migration(migrations.Migration):
    dependencies = [("grid_units", "0001_initial"), ("core", "0002_actor")]

    operations = [
        migrations.CreateModel(
            name="Concordance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cell_id", models.BigIntegerField(db_index=True)),
                ("old_code", models.CharField(db_index=True, max_length=15)),
                ("new_code", models.CharField(max_length=15)),
                ("reason", models.TextField()),
                ("actor", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "concordance"},
        ),
        *(migrations.RunSQL(file.read_text(encoding="utf-8")) for file in FILES),
    ]
