"""Moves that issue a letter."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0015_letters.sql"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0010_holder_is_validated")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
