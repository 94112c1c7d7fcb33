"""Draws and findings are kept: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_kept.sql"


class Migration(migrations.Migration):
    dependencies = [("spot_checks", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
