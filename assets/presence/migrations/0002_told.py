"""Presence is told to tiles and the live feed: see sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_told.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("presence", "0001_initial"),
        ("changes", "0002_single_units"),
        ("patrols", "0002_kept_by_the_database"),
        ("assets", "0006_roles_of_pictures"),
    ]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
