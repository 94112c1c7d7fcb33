"""The last visit of each cell, and the history of patrol duties: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0004_visits_and_duties.sql"


class Migration(migrations.Migration):
    dependencies = [("seen", "0003_late_passed")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
