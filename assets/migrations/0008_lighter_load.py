"""A batch of a first load is written with less carried about."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0008_lighter_load.sql"


class Migration(migrations.Migration):
    dependencies = [("assets", "0007_regrid")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
