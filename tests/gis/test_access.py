"""Personal database roles over HTTP: made once with a password shown once, ended with what they came from."""

from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from grid_units.duties.models import Membership
from tests.assets.town import person
from tests.gis.city import FAR, NEAR
from tiles.gis.actions import CONNECTIONS, follow_memberships, role_name_of
from tiles.gis.models import AnalystRole

ACCESS = "/api/gis/access"


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def come_in(server: Any, made: dict[str, Any]) -> Any:
    return psycopg2.connect(
        host=made["address"]["host"],
        port=made["address"]["port"],
        dbname=made["address"]["database"],
        user=made["role"]["role_name"],
        password=made["password"],
    )


def roles_in_the_database(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [name])
        return int(cursor.fetchone()[0])


@pytest.fixture
def ann(town):
    return person("ann", "analyst", NEAR)


def test_an_analyst_makes_a_role_comes_in_and_renews_it(ann, server):
    client = signed_in(ann)
    assert client.get(ACCESS).json()["role"] is None

    answer = client.post(ACCESS, {"kind": "editor", "days": 30}, format="json")

    made = answer.json()
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    assert made["role"]["prefixes"] == [NEAR] and len(made["password"]) >= 24
    assert "password" not in client.get(ACCESS).json()
    with closing(come_in(server, made)) as opened, opened.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gis.cell")
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT rolconnlimit, rolvaliduntil FROM pg_roles WHERE rolname = current_user")
        limit, until = cursor.fetchone()
        assert limit == CONNECTIONS and until - timezone.now() < timedelta(days=31)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)

        renewed = client.post(ACCESS, {}, format="json").json()

        assert renewed["role"]["role_name"] == made["role"]["role_name"]
        assert renewed["password"] != made["password"]
        with pytest.raises(psycopg2.OperationalError):  # its session was ended
            cursor.execute("SELECT 1")
    with pytest.raises(psycopg2.OperationalError):
        come_in(server, made)
    come_in(server, renewed).close()
    assert AnalystRole.objects.standing().count() == 1
    assert AnalystRole.objects.get(revoked_because="renewed").user == ann


def test_no_secret_is_kept(ann):
    made = signed_in(ann).post(ACCESS, {}, format="json").json()

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(a)::text FROM analyst_role a")
        kept = "".join(text for [text] in cursor.fetchall())
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s", [f"%{made['password']}%"])
        assert cursor.fetchone() == (1,)  # this very question
    assert made["password"] not in kept and "SCRAM" not in kept


def test_one_takes_the_own_role_away_and_an_administrator_anybodys(ann, town):
    chief = person("chief", "administrator")
    made = signed_in(ann).post(ACCESS, {}, format="json").json()["role"]

    assert [r["username"] for r in signed_in(chief).get(f"{ACCESS}/all").json()] == ["ann"]
    assert signed_in(chief).delete(f"{ACCESS}/{made['id']}").status_code == 204
    assert roles_in_the_database(made["role_name"]) == 0
    assert signed_in(chief).delete(f"{ACCESS}/{made['id']}").status_code == 404

    signed_in(ann).post(ACCESS, {}, format="json")
    assert signed_in(ann).delete(ACCESS).status_code == 204
    assert roles_in_the_database(made["role_name"]) == 0
    assert signed_in(ann).get(f"{ACCESS}/all").status_code == 403


@pytest.mark.parametrize("role", ["grid_worker", "operator", "volunteer", "commander"])
def test_other_roles_get_none(town, role: str):
    client = signed_in(person("other", role, NEAR))

    for answer in (client.get(ACCESS), client.post(ACCESS, {}, format="json"), client.delete(ACCESS)):
        assert answer.status_code == 403
    assert Client().get(ACCESS).status_code == 401


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 3660}, {"kind": "owner"}, {"days": "x"}])
def test_a_wrong_wish_is_refused_in_words(ann, body: dict[str, object]):
    answer = signed_in(ann).post(ACCESS, body, format="json")

    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_the_role_follows_the_membership_and_ends_with_it(ann, server):
    made = signed_in(ann).post(ACCESS, {}, format="json").json()
    name = made["role"]["role_name"]
    now = timezone.now()
    assert follow_memberships(now) == 0

    Membership.objects.filter(user=ann).update(unit_prefix=FAR)
    assert follow_memberships(now) == 1
    with closing(come_in(server, made)) as opened, opened.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM gis.cell")
        assert cursor.fetchone() == (1,)

    Membership.objects.filter(user=ann).update(valid_to=now)
    assert follow_memberships(now + timedelta(seconds=1)) == 1
    assert AnalystRole.objects.get(role_name=name).revoked_because == "membership"
    assert roles_in_the_database(name) == 0


def test_a_role_that_has_expired_is_removed(ann):
    made = signed_in(ann).post(ACCESS, {"days": 1}, format="json").json()

    assert follow_memberships(timezone.now() + timedelta(days=2)) == 1
    assert roles_in_the_database(made["role"]["role_name"]) == 0


def test_a_role_with_grants_by_hand_is_taken_away_all_the_same(ann, owner):
    made = signed_in(ann).post(ACCESS, {}, format="json").json()
    name = made["role"]["role_name"]
    with owner.cursor() as cursor:
        cursor.execute(f'GRANT SELECT ON city TO "{name}"')

        again = signed_in(ann).post(ACCESS, {}, format="json").json()["role"]["role_name"]

        cursor.execute(
            "SELECT rolcanlogin, EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)"
            " FROM pg_roles r WHERE rolname = %s",
            [name],
        )
        assert cursor.fetchone() == (False, False)
        assert again == f"{name}_2"
        cursor.execute(f'REVOKE ALL ON city FROM "{name}"')


@pytest.mark.parametrize("username", ["王小明", "Robert'); DROP ROLE x;--", "1st", "a" * 100, "_", "O'Brien"])
def test_every_username_gives_a_name_that_the_database_takes(town, username: str):
    user = person(username, "analyst", NEAR)

    answer = signed_in(user).post(ACCESS, {"days": 1}, format="json")

    assert answer.status_code == 201
    assert answer.json()["role"]["role_name"] == role_name_of(user)
