"""A statement that touches one unit is told without sorting."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_single_units.sql"


class Migration(migrations.Migration):
    dependencies = [("changes", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
