"""Cells and units tell the change log when they change, so that tiles and the live feed know."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_grid_changes.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiles", "0001_search"),
        ("changes", "0001_initial"),
        ("grid_units", "0002_guard"),
    ]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION core.cell_changed() CASCADE; DROP FUNCTION core.grid_unit_changed() CASCADE",
        )
    ]
