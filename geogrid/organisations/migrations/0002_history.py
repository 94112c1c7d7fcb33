"""History of units and people, the tree of units, and accounts whose rights end."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0002_history.sql"

UNDO = """
DROP TRIGGER history_of_update ON organisation;
DROP TRIGGER history_of_delete ON organisation;
DROP TRIGGER tell_of_insert ON organisation;
DROP TRIGGER tell_of_update ON organisation;
DROP TRIGGER tell_of_delete ON organisation;
DROP TRIGGER organisation_is_a_tree ON organisation;
DROP TRIGGER account_rights_end ON user_account;
DROP TRIGGER history_of_update ON user_account;
DROP TRIGGER history_of_delete ON user_account;
DROP FUNCTION core.tell_organisations, core.organisation_row, core.account_row, core.keep_account_history;
"""


class Migration(migrations.Migration):
    dependencies = [("organisations", "0001_initial"), ("changes", "0001_initial")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
