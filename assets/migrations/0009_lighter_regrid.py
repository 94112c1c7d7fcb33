"""Assets that only get another cell are written quicker."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0009_lighter_regrid.sql"


class Migration(migrations.Migration):
    dependencies = [("assets", "0008_lighter_load")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
