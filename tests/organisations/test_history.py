"""What the database keeps of units and people, whoever changes them."""

import pytest
from django.db import IntegrityError, connection

from geogrid.changes.models import Change, RowHistory
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership


def test_a_change_of_a_unit_is_kept_and_told(db: None):
    unit = Organisation.objects.create(code="U1", name="路灯所")

    Organisation.objects.filter(pk=unit.pk).update(name="照明中心")

    said = RowHistory.objects.get(table_name="organisation")
    assert (said.before, said.after) == ({"name": "路灯所"}, {"name": "照明中心"})
    assert [(change.kind, change.op, change.refs) for change in Change.objects.order_by("id")] == [
        ("organisation", "insert", ["U1"]),
        ("organisation", "update", ["U1"]),
    ]


def test_a_unit_does_not_stand_under_itself_however_long_the_chain(db: None):
    top = Organisation.objects.create(code="A", name="A")
    middle = Organisation.objects.create(code="B", name="B", parent=top)
    low = Organisation.objects.create(code="C", name="C", parent=middle)

    with pytest.raises(IntegrityError, match="Unit A cannot stand under itself"):
        Organisation.objects.filter(pk=top.pk).update(parent=low)


def test_history_holds_no_password(db: None):
    user = User.objects.create_user("li", password="first-long-password", phone="1")

    user.set_password("second-long-password")
    user.phone = "2"
    user.save()
    user.delete()

    changed, deleted = RowHistory.objects.filter(table_name="user_account").order_by("id")
    assert changed.before == {"phone": "1", "password_changed": False, "permission_epoch": 0}
    assert changed.after == {"phone": "2", "password_changed": True, "permission_epoch": 1}
    assert deleted.before["username"] == "li" and "password" not in deleted.before


class TestPermissionEpoch:
    """Raised by the database whenever rights are taken away, and never lowered."""

    @pytest.fixture
    def li(self, db: None) -> User:
        user = User.objects.create_user("li", password="first-long-password")
        Membership.objects.create(user=user, role=Role.OPERATOR)
        return user

    def epoch(self) -> int:
        return User.objects.get(username="li").permission_epoch

    def test_a_new_membership_takes_nothing_away(self, li: User):
        assert self.epoch() == 0

    def test_an_ended_membership_raises_it(self, li: User):
        membership = Membership.objects.get()
        Membership.objects.update(valid_to=membership.valid_from.replace(year=2100))

        assert self.epoch() == 1

    def test_a_deleted_membership_raises_it_by_plain_sql_too(self, li: User):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM membership")

        assert self.epoch() == 1

    @pytest.mark.parametrize("loss", [{"is_active": False}, {"password": "!"}])
    def test_a_deactivated_account_or_a_new_password_raises_it(self, li: User, loss: dict[str, object]):
        User.objects.update(**loss)

        assert self.epoch() == 1

    def test_a_stale_copy_saved_late_does_not_lower_it(self, li: User):
        stale = User.objects.get(pk=li.pk)
        Membership.objects.all().delete()

        stale.save()

        assert self.epoch() == 1
