"""Lines only end; reports are looked at from now on."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0002_kept.sql"


class Migration(migrations.Migration):
    dependencies = [("automatic_filing", "0001_initial")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
