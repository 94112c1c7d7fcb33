"""Fewer indexes to write for each report."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0003_rules"),
        ("grid_units", "0002_guard"),
        ("incidents", "0003_kept_by_the_database"),
        ("organisations", "0002_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="asset_class",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="assets.assetclass",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="event_class",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="incidents.eventclass",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="responsible_unit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="organisations.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="steptaken",
            name="actor_user",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="steptaken",
            name="incident",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps_taken",
                to="incidents.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("responsible_unit__isnull", False)),
                fields=["responsible_unit", "-reported_at"],
                name="incident_by_responsible_unit",
            ),
        ),
    ]
