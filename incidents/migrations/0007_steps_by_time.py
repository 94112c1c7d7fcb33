"""Replay asks for the steps taken since a moment."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0006_alarms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="steptaken",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["taken_at"], name="step_taken_by_time", pages_per_range=16
            ),
        ),
    ]
