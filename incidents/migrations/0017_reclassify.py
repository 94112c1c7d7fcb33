"""Another class after the filing (改类), only with its step: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0017_reclassify.sql"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0015_letters"), ("loop", "0002_kept_by_the_database")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
