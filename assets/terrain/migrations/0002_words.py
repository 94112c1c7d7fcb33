"""Terrains are told to the change log and leave a history; depressions are real shapes."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

UNDO = """
DROP TRIGGER b_terrain_inserted ON terrain;
DROP TRIGGER b_terrain_updated ON terrain;
DROP TRIGGER b_terrain_deleted ON terrain;
DROP TRIGGER c_terrain_delete_kept ON terrain;
DROP TRIGGER a_depression_row ON depression;
DROP FUNCTION core.tell_terrain, core.depression_row;
"""


class Migration(migrations.Migration):
    dependencies = [("terrain", "0001_initial"), ("assets", "0003_rules"), ("changes", "0001_initial")]

    operations = [migrations.RunSQL((SQL / "0002_words.sql").read_text(encoding="utf-8"), UNDO)]
