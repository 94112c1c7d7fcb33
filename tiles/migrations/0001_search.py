"""What search stands on: pairs of letters, so that two-character words are found by an index."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0001_search.sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("assets", "0001_initial"),
        ("grid_units", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP INDEX asset_by_letters_of_name, road_by_letters_of_name; DROP FUNCTION core.letter_pairs(text)",
        )
    ]
