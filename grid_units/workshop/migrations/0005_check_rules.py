"""The rules of the check while drawing are the city's data."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("workshop", "0002_kept_by_the_database")]

    operations = [
        migrations.CreateModel(
            name="CheckRules",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "least_households",
                    models.PositiveIntegerField(
                        default=300, help_text="Of a responsibility grid 责任网格户数下限"
                    ),
                ),
                (
                    "most_households",
                    models.PositiveIntegerField(
                        default=500, help_text="Of a responsibility grid 责任网格户数上限"
                    ),
                ),
                (
                    "least_area_m2",
                    models.FloatField(default=1000, help_text="Square metres of a cell 最小面积"),
                ),
                (
                    "least_width_m",
                    models.FloatField(default=15, help_text="Twice the area by the border 最小宽度"),
                ),
                (
                    "least_compactness",
                    models.FloatField(default=0.2, help_text="0 to 1 最小紧凑度"),
                ),
                (
                    "street_within_m",
                    models.FloatField(default=15, help_text="So near, a border runs along a street 沿路距离"),
                ),
                (
                    "least_street_share",
                    models.FloatField(default=0.5, help_text="Share of the borders, 0 to 1 沿路边界比例"),
                ),
            ],
            options={
                "db_table": "check_rules",
                "verbose_name": "rules of the check",
                "verbose_name_plural": "rules of the check",
            },
        ),
        migrations.AddConstraint(
            model_name="checkrules",
            constraint=models.CheckConstraint(name="there_is_one_set_of_check_rules", condition=Q(id=1)),
        ),
        migrations.AddConstraint(
            model_name="checkrules",
            constraint=models.CheckConstraint(
                name="fewest_households_are_not_more_than_most",
                condition=Q(least_households__lte=F("most_households")),
            ),
        ),
        migrations.AddConstraint(
            model_name="checkrules",
            constraint=models.CheckConstraint(
                name="check_lengths_and_areas_are_not_negative",
                condition=Q(least_area_m2__gte=0, least_width_m__gte=0, street_within_m__gte=0),
            ),
        ),
        migrations.AddConstraint(
            model_name="checkrules",
            constraint=models.CheckConstraint(
                name="check_shares_are_from_0_to_1",
                condition=Q(least_compactness__range=(0, 1), least_street_share__range=(0, 1)),
            ),
        ),
        migrations.RunSQL(
            "INSERT INTO check_rules (id, least_households, most_households, least_area_m2, least_width_m,"
            " least_compactness, street_within_m, least_street_share)"
            " VALUES (1, 300, 500, 1000, 15, 0.2, 15, 0.5)",
            migrations.RunSQL.noop,
        ),
    ]
