"""Partitions, roll-ups, and what the database keeps and tells of measuring: see the files in sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("sensors", "0001_initial"),
        ("assets", "0005_quicker_loading"),
        ("changes", "0002_single_units"),
        ("grid_units", "0002_guard"),
    ]

    operations = [
        migrations.RunSQL(path.read_text(encoding="utf-8")) for path in sorted(SQL.glob("0002_*.sql"))
    ]
