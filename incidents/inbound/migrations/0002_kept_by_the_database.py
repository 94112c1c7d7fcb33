"""What another system sent is kept as it was."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_kept.sql"


class Migration(migrations.Migration):
    dependencies = [("inbound", "0001_initial")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
