"""What the calendar starts with, and what must hold for whoever edits it: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_calendar.sql"


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial"), ("core", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
