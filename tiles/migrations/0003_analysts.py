"""Personal database roles of analysts, and what each of them sees of every table."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("tiles", "0002_grid_changes"),
        ("core", "0003_import_run"),
        ("assets", "0006_roles_of_pictures"),
        ("incidents", "0007_steps_by_time"),
        ("patrols", "0002_kept_by_the_database"),
        ("sensors", "0002_kept_by_the_database"),
        ("terrain", "0002_words"),
        ("duties", "0005_displays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnalystRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role_name", models.CharField(db_collation="C", max_length=63)),
                (
                    "kind",
                    models.CharField(
                        choices=[("reader", "只读 reader"), ("editor", "编辑 editor")], max_length=6
                    ),
                ),
                (
                    "prefixes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(blank=True, max_length=15), size=None
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("valid_until", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_because", models.CharField(blank=True, db_default="", max_length=12)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="analyst_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "analyst_role",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("role_name",),
                        name="analyst_role_is_made_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("user",),
                        name="analyst_has_one_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["reader", "editor"])),
                        name="analyst_role_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role_name__regex", "^analyst_[a-z][a-z0-9_]{1,40}$")),
                        name="analyst_role_is_named_as_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prefixes", []), _negated=True),
                        name="analyst_role_reaches_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("made_at"))),
                        name="analyst_role_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at", None), ("revoked_because", "")),
                            models.Q(
                                ("revoked_at__isnull", False),
                                ("revoked_because__in", ["by_hand", "renewed", "membership", "expired"]),
                            ),
                            _connector="OR",
                        ),
                        name="analyst_role_end_has_a_reason",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(path.read_text(encoding="utf-8")) for path in sorted(SQL.glob("0003_*.sql"))),
    ]
