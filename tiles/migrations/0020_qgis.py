"""Schema qgis: projects that QGIS opens from the database, and the default styles of layers added by hand."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0020_qgis.sql"


class Migration(migrations.Migration):
    dependencies = [("tiles", "0003_analysts")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"))]
