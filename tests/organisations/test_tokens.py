"""API tokens: hashed, scoped, revocable, cheap."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geogrid.core.errors import Forbidden, Invalid
from geogrid.organisations import actions
from geogrid.organisations.authentication import digest_of, token_cache, user_of_token
from geogrid.organisations.models import ApiToken, User
from geogrid.organisations.roles import Action, Role
from grid_units.duties.access import require, scopes_of
from grid_units.duties.models import Membership


@pytest.fixture
def wang(db: None) -> User:
    user = User.objects.create(username="wang")
    Membership.objects.create(user=user, role=Role.SUPERVISOR, unit_prefix="910101001")
    return user


def token_of(user: User, *scopes: str, **fields: Any) -> str:
    made = {"expires_at": None, "at": timezone.now(), **fields}
    return actions.make_token(owner=user, name="sensor", scopes=scopes or ["all"], **made)[1]


def ask(token: str) -> Any:
    return Client().get("/api/me", headers={"Authorization": f"Bearer {token}"})


def test_only_the_digest_is_kept(wang: User):
    token = token_of(wang)

    kept = ApiToken.objects.get()
    assert kept.digest == digest_of(token)
    assert kept.prefix == token[:8]
    assert token not in str(ApiToken.objects.values())


def test_a_token_logs_its_owner_in(wang: User):
    assert ask(token_of(wang)).json()["username"] == "wang"


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer ggt_unknown", "Bearer é"])
def test_anything_else_is_refused_with_a_challenge(db: None, header: str):
    answer = Client().get("/api/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_allows_its_scopes_and_no_more(wang: User):
    found = user_of_token(token_of(wang, "report", "manage_city"))
    assert found is not None

    assert scopes_of(found[0]).actions == {Action.REPORT}
    with pytest.raises(Forbidden, match="staff cells"):
        require(found[0], Action.STAFF_CELLS, "910101001001")


def test_a_token_for_all_allows_what_its_owner_may(wang: User):
    found = user_of_token(token_of(wang))

    assert found is not None and scopes_of(found[0]).actions == scopes_of(wang).actions


def test_an_unknown_scope_is_refused(wang: User):
    with pytest.raises(Invalid):
        token_of(wang, "everything")


def test_a_revoked_token_is_refused(wang: User):
    token = token_of(wang)
    assert ask(token).status_code == 200

    actions.revoke_token(token=ApiToken.objects.get(), actor=wang, at=timezone.now())

    assert ask(token).status_code == 401


@pytest.mark.parametrize("loss", ["expired", "deactivated"])
def test_a_token_ends_with_its_time_or_its_owner(wang: User, loss: str):
    token = token_of(wang)
    if loss == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        User.objects.filter(pk=wang.pk).update(is_active=False)

    assert ask(token).status_code == 401


def test_a_busy_machine_costs_no_query_per_request(wang: User):
    token = token_of(wang)
    first = user_of_token(token)
    assert first is not None
    scopes_of(first[0])

    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = user_of_token(token)
        assert again is not None
        scopes_of(again[0])

    assert len(queries) == 0


def test_what_one_request_does_to_its_user_is_not_seen_by_the_next(wang: User):
    token = token_of(wang)
    first, second = user_of_token(token), user_of_token(token)
    assert first is not None and second is not None

    first[0].username = "changed"

    assert second[0].username == "wang"


def test_use_is_noted_at_most_once_a_minute(wang: User):
    token = token_of(wang)
    now = timezone.now()

    noted = []
    for seconds in (0, 30, 61):
        token_cache.forget()
        user_of_token(token, now + timedelta(seconds=seconds))
        noted.append(ApiToken.objects.get().last_used_at)

    assert noted == [now, now, now + timedelta(seconds=61)]


def test_tokens_are_made_shown_once_and_revoked_by_their_owner_only(wang: User):
    visitor, stranger = Client(), Client()
    visitor.force_login(wang, "django.contrib.auth.backends.ModelBackend")
    stranger.force_login(User.objects.create(username="li"), "django.contrib.auth.backends.ModelBackend")

    made = visitor.post("/api/tokens", {"name": "hotline", "scopes": ["report"]}, "application/json")

    assert made.status_code == 201 and made.json()["token"].startswith("ggt_")
    [listed] = visitor.get("/api/tokens").json()
    assert "token" not in listed and listed["name"] == "hotline"
    assert stranger.get("/api/tokens").json() == []
    assert stranger.delete(f"/api/tokens/{listed['id']}").status_code == 404
    assert visitor.delete(f"/api/tokens/{listed['id']}").status_code == 204
    assert visitor.delete(f"/api/tokens/{listed['id']}").status_code == 409


def test_a_token_makes_no_tokens(wang: User):
    headers = {"Authorization": f"Bearer {token_of(wang)}"}

    answer = Client().post(
        "/api/tokens", {"name": "x", "scopes": ["all"]}, "application/json", headers=headers
    )

    assert answer.status_code in (401, 403)
    assert ApiToken.objects.count() == 1
