"""The first schemes, which stay as they are. See sql/."""

import json
from pathlib import Path
from typing import Any

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_kept_by_the_database.sql"
SCHEMES = Path(__file__).parent / "sql" / "0002_schemes.json"


def add_schemes(apps: Any, _editor: Any) -> None:
    schemes = apps.get_model("evaluation", "IndicatorScheme")
    for one in json.loads(SCHEMES.read_text(encoding="utf-8")):
        rows = one["indicators"]
        measures = sorted({row[part] for row in rows for part in ("numerator", "denominator")})
        schemes.objects.create(name=one["name"], version=one["version"], definitions=rows, measures=measures)


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial"), ("patrol_quality", "0002_kept_by_the_database")]

    operations = [
        migrations.RunPython(add_schemes, migrations.RunPython.noop),
        migrations.RunSQL(SQL.read_text(encoding="utf-8")),
    ]
