"""`core.actor()`: who is acting."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_actor.sql"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP FUNCTION core.actor()")]
