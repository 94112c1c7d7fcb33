"""What the database keeps of drafts and editions: the grid of any moment, who approves, what is only added."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def all_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SQL.glob("0002_*.sql")))


class Migration(migrations.Migration):
    dependencies = [
        ("workshop", "0001_initial"),
        ("grid_units", "0002_guard"),
        ("duties", "0005_displays"),
        ("changes", "0002_single_units"),
    ]

    operations = [migrations.RunSQL(all_files())]
