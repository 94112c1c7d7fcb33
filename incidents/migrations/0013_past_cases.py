"""A case that was closed in the system it is imported from is closed by a move of its own."""

from django.db import migrations

SQL = """
INSERT INTO incident_transition (move, from_stage, to_stage) VALUES ('close_past', 'FILED', 'CLOSED');
INSERT INTO incident_move_axis (axis, move) VALUES ('holder', 'close_past');
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0015_letters")]

    operations = [migrations.RunSQL(SQL)]
