"""Ground that editions left behind is forgotten when everything on it has its cell."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0006_trimmed.sql"


class Migration(migrations.Migration):
    dependencies = [("workshop", "0005_check_rules")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
