"""A substitution lies within the time of its duty."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0006_substitutions_in_time.sql"

UNDO = """
DROP TRIGGER substitution_touches_its_duty ON substitution;
DROP FUNCTION core.substitution_in_time;
"""


class Migration(migrations.Migration):
    dependencies = [("duties", "0005_displays")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
