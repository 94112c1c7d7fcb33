"""Fixes by day, what the database promises of devices and positions, and the one call that takes fixes in."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def all_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SQL.glob("0002_*.sql")))


class Migration(migrations.Migration):
    dependencies = [
        ("patrols", "0001_initial"),
        ("changes", "0002_single_units"),
        ("organisations", "0002_history"),
    ]

    operations = [migrations.RunSQL(all_files())]
