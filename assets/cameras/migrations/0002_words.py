"""Cameras are told to the change log and leave a history; their addresses do neither."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

UNDO = """
GRANT UPDATE ON kept_snapshot TO geogrid_app;
DROP TRIGGER a_camera_row ON camera;
DROP TRIGGER b_camera_inserted ON camera;
DROP TRIGGER b_camera_updated ON camera;
DROP TRIGGER b_camera_deleted ON camera;
DROP TRIGGER c_camera_update_kept ON camera;
DROP TRIGGER c_camera_delete_kept ON camera;
DROP FUNCTION core.tell_cameras, core.camera_row;
"""


class Migration(migrations.Migration):
    dependencies = [("cameras", "0001_initial"), ("changes", "0001_initial")]

    operations = [migrations.RunSQL((SQL / "0002_words.sql").read_text(encoding="utf-8"), UNDO)]
