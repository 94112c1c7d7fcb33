"""Alarms of sensors belong to incidents."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0006_sensor.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0005_gathered_intake"),
        ("sensors", "0002_kept_by_the_database"),
    ]

    operations = [
        migrations.CreateModel(
            name="IncidentAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "alarm",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incident_link",
                        to="sensors.alarm",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alarm_links",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "db_table": "incident_alarm",
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
