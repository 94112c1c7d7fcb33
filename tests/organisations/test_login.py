"""Coming in: passwords, one-click logins of the demonstration, CSRF, sessions, the lock."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from geogrid.organisations.authentication import address_of_client
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership

PASSWORD = "correct-horse-battery"


@pytest.fixture
def li(db: None) -> User:
    user = User.objects.create_user("li", password=PASSWORD, display_name="李")
    Membership.objects.create(user=user, role=Role.GRID_WORKER, unit_prefix="910101001001")
    return user


@pytest.fixture
def visitor() -> Client:
    """A client that is checked for CSRF like a browser."""
    return Client(enforce_csrf_checks=True)


def log_in(visitor: Client, username: str = "li", password: str = PASSWORD, **extra: Any) -> Any:
    visitor.get("/api/welcome")
    token = visitor.cookies["geogrid_csrf"].value
    body = {"username": username, "password": password}
    return visitor.post("/api/login", body, "application/json", headers={"X-CSRFToken": token}, **extra)


def test_the_stranger_is_welcomed_and_told_nothing_else(db: None, visitor: Client):
    answer = visitor.get("/api/welcome")

    assert answer.json() == {
        "name": "", "name_en": "", "is_demo": False, "needs_setup": True, "demo_logins": []
    }  # fmt: skip
    assert visitor.get("/api/me").status_code == 401


def test_logging_in_says_who_is_in_and_what_they_may(li: User, visitor: Client):
    answer = log_in(visitor)

    assert answer.status_code == 200
    assert answer.json() == {
        "id": li.id,
        "username": "li",
        "display_name": "李",
        "language": "",
        "memberships": [{"role": "grid_worker", "unit_prefix": "910101001001", "organisation": None}],
        "actions": [
            "check",
            "handle_on_spot",
            "move_place",
            "patrol",
            "report",
            "see_incidents",
            "see_people",
        ],
        "demo": False,
    }
    assert visitor.get("/api/me").json() == answer.json()


def test_a_login_without_the_csrf_token_is_refused(li: User, visitor: Client):
    answer = visitor.post("/api/login", {"username": "li", "password": PASSWORD}, "application/json")

    assert answer.status_code == 403


def test_a_session_key_planted_before_the_login_is_worthless_after_it(li: User, visitor: Client):
    visitor.session.save()
    planted = visitor.session.session_key
    visitor.cookies["geogrid_session"] = str(planted)

    log_in(visitor)

    assert visitor.cookies["geogrid_session"].value != planted


def test_logging_out_ends_the_session_in_the_database(li: User, visitor: Client):
    log_in(visitor)
    kept = visitor.cookies["geogrid_session"].value
    token = visitor.cookies["geogrid_csrf"].value

    assert (
        visitor.post("/api/logout", {}, "application/json", headers={"X-CSRFToken": token}).status_code == 204
    )

    visitor.cookies["geogrid_session"] = kept
    assert visitor.get("/api/me").status_code == 401


def test_ten_wrong_passwords_lock_the_name_for_this_address_with_a_sentence(li: User, visitor: Client):
    answers = [log_in(visitor, password="wrong") for _ in range(11)]

    assert [answer.status_code for answer in answers[:9]] == [401] * 9
    assert answers[0].json() == {"code": "wrong_password", "detail": "Name or password is wrong."}
    assert answers[10].status_code == 429
    assert answers[10]["Retry-After"] == "900"
    assert "Try again in 15 minutes" in answers[10].json()["detail"]
    assert log_in(visitor).status_code == 429


def test_a_lock_holds_for_the_address_it_came_from_only(li: User, visitor: Client):
    for _ in range(11):
        log_in(visitor, password="wrong", REMOTE_ADDR="203.0.113.7")

    assert log_in(visitor, REMOTE_ADDR="203.0.113.8").status_code == 200


PROXY, STRANGER = "127.0.0.1", "203.0.113.7"


@pytest.mark.parametrize(
    ("behind_tls", "peer", "told", "expected"),
    [
        (True, PROXY, STRANGER, STRANGER),
        (True, "::1", STRANGER, STRANGER),
        # What stands before the proxy's own word was written by the client.
        (True, PROXY, f"198.51.100.1, {STRANGER}", STRANGER),
        (True, STRANGER, "198.51.100.1", STRANGER),
        (True, PROXY, "nonsense", PROXY),
        (True, PROXY, "", PROXY),
        (False, PROXY, STRANGER, PROXY),
    ],
)
def test_only_our_own_proxy_says_where_a_log_in_came_from(
    settings: Any, rf: RequestFactory, behind_tls: bool, peer: str, told: str, expected: str
):
    settings.BEHIND_TLS = behind_tls

    assert address_of_client(rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told)) == expected


def test_the_deactivated_cannot_log_in_and_are_out_at_once(li: User, visitor: Client):
    log_in(visitor)
    User.objects.filter(pk=li.pk).update(is_active=False)

    assert visitor.get("/api/me").status_code == 401
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(li: User, visitor: Client):
    log_in(visitor)
    li.set_password("another-long-password")
    li.save()

    assert visitor.get("/api/me").status_code == 401


class TestDemoLogins:
    """One click, in the demonstration, on this machine, into invented people only."""

    @pytest.fixture
    def invented(self, li: User) -> User:
        User.objects.filter(pk=li.pk).update(is_simulated=True)
        return li

    def click(self, visitor: Client, **extra: Any) -> Any:
        visitor.get("/api/welcome")
        token = visitor.cookies["geogrid_csrf"].value
        body = {"username": "li"}
        return visitor.post(
            "/api/login/demo", body, "application/json", headers={"X-CSRFToken": token}, **extra
        )

    def test_they_are_offered_and_work(self, invented: User, visitor: Client, settings: Any):
        settings.DEMO = True

        offered = visitor.get("/api/welcome").json()["demo_logins"]

        assert offered == [{"username": "li", "display_name": "李", "role": "grid_worker"}]
        assert self.click(visitor).json()["demo"] is True

    def test_they_do_not_exist_outside_the_demonstration(self, invented: User, visitor: Client):
        assert visitor.get("/api/welcome").json()["demo_logins"] == []
        assert self.click(visitor).status_code == 403

    @pytest.mark.parametrize(
        "extra",
        [
            {"REMOTE_ADDR": "192.168.1.20"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"},
            {"REMOTE_ADDR": ""},
        ],
    )
    def test_they_do_not_exist_for_other_machines(
        self, invented: User, visitor: Client, settings: Any, extra: dict[str, Any]
    ):
        settings.DEMO = True

        assert visitor.get("/api/welcome", **extra).json()["demo_logins"] == []
        assert self.click(visitor, **extra).status_code == 403

    def test_real_people_have_none(self, li: User, visitor: Client, settings: Any):
        settings.DEMO = True

        assert visitor.get("/api/welcome").json()["demo_logins"] == []
        assert self.click(visitor).status_code == 404


def test_somebody_chooses_their_language(li: User, visitor: Client):
    log_in(visitor)
    token = visitor.cookies["geogrid_csrf"].value

    answer = visitor.patch("/api/me", {"language": "zh"}, "application/json", headers={"X-CSRFToken": token})

    assert answer.json()["language"] == "zh"
    assert visitor.get("/api/me").json()["language"] == "zh"
