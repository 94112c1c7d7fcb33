"""Quicker imports: references as a set, indexes for readers after a first load, unchanged files known."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("assets", "0004_created_by"), ("changes", "0001_initial"), ("core", "0003_import_run")]

    operations = [
        migrations.RunSQL(path.read_text(encoding="utf-8")) for path in sorted(SQL.glob("0005_*.sql"))
    ]
