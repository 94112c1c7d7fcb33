"""Work orders with steps, two persons, filings that stay: kept by the database."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_kept_by_the_database.sql"


class Migration(migrations.Migration):
    dependencies = [("loop", "0001_initial"), ("incidents", "0009_whole_loop")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
