"""Claims are told live."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_told.sql"


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial"), ("changes", "0002_single_units")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
