"""Reports that come in together are written together."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0004_fewer_indexes"),
        ("changes", "0002_single_units"),
        ("duties", "0004_city_zone"),
    ]

    operations = [
        migrations.RunSQL(path.read_text(encoding="utf-8")) for path in sorted(SQL.glob("0005_*.sql"))
    ]
