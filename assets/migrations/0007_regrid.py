"""What stands on ground that changed hands gets its cell anew in batches, keyed to the edition."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0007_regrid.sql"


class Migration(migrations.Migration):
    dependencies = [("assets", "0006_roles_of_pictures"), ("workshop", "0002_kept_by_the_database")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
