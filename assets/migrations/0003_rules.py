"""What the database derives and keeps for assets, buildings and roads: see the files in sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
FILES = (
    "0003_1_codes",
    "0003_2_rows",
    "0003_3_changes",
    "0003_4_cells",
    "0003_5_loading",
    "0003_6_words",
)


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0002_source_and_labels"),
        ("changes", "0001_initial"),
        ("core", "0003_import_run"),
        ("grid_units", "0002_guard"),
    ]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8")) for name in FILES]
