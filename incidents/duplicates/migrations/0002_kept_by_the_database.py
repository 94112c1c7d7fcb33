"""What is kept of followers and merges, and the reaches that come with the product."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_kept.sql"


class Migration(migrations.Migration):
    dependencies = [("duplicates", "0001_initial"), ("incidents", "0011_same_problem")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
