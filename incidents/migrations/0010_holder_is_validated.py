"""Every incident from before has a holder too; looked at without stopping anybody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("incidents", "0009_whole_loop")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE incident VALIDATE CONSTRAINT incident_always_has_a_holder",
            migrations.RunSQL.noop,
        )
    ]
