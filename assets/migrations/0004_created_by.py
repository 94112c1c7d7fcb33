"""Who entered an asset is kept with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0003_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="created_by",
            field=models.TextField(
                db_default=models.Func(function="core.actor", output_field=models.TextField()),
                editable=False,
                help_text="Signed by the database",
            ),
        ),
    ]
