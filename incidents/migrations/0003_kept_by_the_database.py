"""Steps, derived places, the intake and the hand-over at a shift's end: kept by the database."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"

UNDO = """
DROP TRIGGER incident_is_entered_with_a_step ON incident;
DROP TRIGGER incident_is_moved_with_a_step ON incident;
DROP TRIGGER step_taken_matches_incident ON step_taken;
DROP TRIGGER step_taken_is_signed ON step_taken;
DROP TRIGGER step_taken_is_kept ON step_taken;
DROP TRIGGER contact_read_is_kept ON contact_read;
DROP TRIGGER incident_1_place ON incident;
DROP TRIGGER incident_8_change_insert ON incident;
DROP TRIGGER incident_8_change_update ON incident;
DROP TRIGGER incident_9_history_update ON incident;
DROP TRIGGER incident_9_history_delete ON incident;
ALTER TABLE incident DROP CONSTRAINT incident_point_is_on_earth;
ALTER TABLE step_taken DROP CONSTRAINT step_taken_is_in_the_workflow, DROP COLUMN xid;
DROP FUNCTION core.simulate_moves;
DROP FUNCTION core.hand_over_open, core.report, core.earlier_answer, core.intake_answer, core.new_incident_number;
DROP FUNCTION core.record_incident_change, core.incident_units, core.derive_place, core.cell_worker, core.place_of;
DROP FUNCTION core.asset_reach_m, core.border_reach_m, core.county_code;
DROP FUNCTION core.require_step, core.step_matches_incident, core.sign_step;
DROP SEQUENCE incident_number;
DROP TABLE incident_move_axis, incident_transition;
"""


def all_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SQL.glob("0003_*.sql")))


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0002_lean_indexes"),
        ("changes", "0001_initial"),
        ("duties", "0002_on_duty"),
    ]

    operations = [migrations.RunSQL(all_files(), UNDO)]
