"""Quicker imports of assets: references checked as a set, indexes for readers built after a first load,

and a digest of what stands of a source, so that an unchanged file is known for one."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
FILES = (
    "0004_0_intake",
    "0004_1_references",
    "0004_2_indexes",
    "0004_3_loading",
    "0004_4_standing",
)


class Migration(migrations.Migration):
    dependencies = [("assets", "0003_rules"), ("changes", "0001_initial"), ("core", "0003_import_run")]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8")) for name in FILES]
