"""The moves of the intake: classify, follow, merge, split."""

from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent / "sql" / "0011_same_problem.sql"


class Migration(migrations.Migration):
    dependencies = [("incidents", "0017_reclassify")]

    operations = [migrations.RunSQL(FILE.read_text(encoding="utf-8"))]
