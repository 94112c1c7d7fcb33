"""Who is on duty, rules of duties, rights that end, and history."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = Path(__file__).parent / "sql"

UNDO = """
DROP TRIGGER rights_end_on_update ON membership;
DROP TRIGGER rights_end_on_delete ON membership;
DROP TRIGGER duty_area_names_a_unit ON duty_area;
DROP TRIGGER substitution_names_another ON substitution;
ALTER TABLE substitution DROP CONSTRAINT substitution_is_one_at_a_time;
DROP INDEX membership_of_user_in_force;
DO $do$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['membership', 'duty', 'duty_area', 'duty_shift', 'substitution'] LOOP
        EXECUTE format('DROP TRIGGER history_of_update ON %I', kept);
        EXECUTE format('DROP TRIGGER history_of_delete ON %I', kept);
        EXECUTE format('DROP TRIGGER IF EXISTS tell_of_insert ON %I', kept);
        EXECUTE format('DROP TRIGGER IF EXISTS tell_of_update ON %I', kept);
        EXECUTE format('DROP TRIGGER IF EXISTS tell_of_delete ON %I', kept);
    END LOOP;
END
$do$;
DROP FUNCTION core.tell_staffing, core.end_rights, core.substitution_row, core.duty_area_row;
DROP FUNCTION core.on_duty, core.on_duty_all, core.on_duty_in, core.answering_rank, core.city_zone;
"""


def all_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SQL.glob("0002_*.sql")))


class Migration(migrations.Migration):
    dependencies = [
        ("duties", "0001_initial"),
        ("organisations", "0002_history"),
        ("grid_units", "0002_guard"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                name="membership_of_a_handler_names_the_unit",
                condition=~Q(role="handler") | Q(organisation__isnull=False),
            ),
        ),
        migrations.RunSQL(all_files(), UNDO),
    ]
