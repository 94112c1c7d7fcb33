"""Duties and memberships follow a unit to its new code."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0003_renumbering.sql"

UNDO = """
DROP TRIGGER z_duties_follow_code ON cell;
DROP TRIGGER z_duties_follow_code ON grid_unit;
DROP FUNCTION core.duties_follow_code;
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0002_on_duty")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
