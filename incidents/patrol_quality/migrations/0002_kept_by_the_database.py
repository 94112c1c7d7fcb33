"""What can be seen for how long, citizens' channels, and what is kept of judgements: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_kept_by_the_database.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("patrol_quality", "0001_initial"),
        ("seen", "0003_late_passed"),
        ("duties", "0004_city_zone"),
    ]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
