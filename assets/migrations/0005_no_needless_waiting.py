"""Wrong guesses of cells cost a batch little, and a large import does not lock a table that has rows."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
FILES = ("0005_1_loading", "0005_2_indexes")


class Migration(migrations.Migration):
    dependencies = [("assets", "0004_quicker_loading")]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8")) for name in FILES]
