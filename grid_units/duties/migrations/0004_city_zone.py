"""The city's zone is asked without planning the question anew."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0004_city_zone.sql"


class Migration(migrations.Migration):
    dependencies = [("duties", "0003_renumbering")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
