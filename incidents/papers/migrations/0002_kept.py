"""Letters are kept as they were issued."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_kept.sql"


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
