"""What stands on ground that changed hands gets its cell anew in batches, keyed to the edition."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0008_regrid.sql"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_steps_by_time"), ("workshop", "0002_kept_by_the_database")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
