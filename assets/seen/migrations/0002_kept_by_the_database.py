"""Streets in bits, what was passed, and how much of each cell that is: see the files in sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def all_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SQL.glob("0002_*.sql")))


class Migration(migrations.Migration):
    dependencies = [
        ("seen", "0001_initial"),
        ("patrols", "0002_kept_by_the_database"),
        ("duties", "0004_city_zone"),
    ]

    operations = [migrations.RunSQL(all_files())]
