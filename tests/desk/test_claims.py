"""Two at one case: claims are seen, kept, taken over with a word, and over by themselves."""

import pytest

from geogrid.core.errors import Conflict, Invalid
from incidents.claims import actions as claims
from incidents.claims.actions import LASTS
from incidents.claims.models import Claim
from incidents.desk.bulk import dispatch_all
from incidents.workflow import Move
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import MINUTE, NOON, Loop, filed, lead, reported


def test_a_claim_stays_until_it_is_released_over_or_taken_with_a_word(loop: Loop):
    incident = filed(loop)

    first = claims.claim(incident=incident, actor=loop.street, at=NOON)
    second = claims.claim(incident=incident, actor=loop.district, at=NOON)

    assert (first.user, second.user) == (loop.street, loop.street)
    with pytest.raises(Conflict, match="in work"):
        claims.require_free(incident, Move.DISPATCH, loop.district, NOON)
    claims.require_free(incident, Move.ACCEPT, loop.rod, NOON)
    with pytest.raises(Invalid):
        claims.claim(incident=incident, actor=loop.district, at=NOON, take_over=True, word=" ")
    taken = claims.claim(incident=incident, actor=loop.district, at=NOON, take_over=True, word="我来办")
    assert (taken.user, taken.taken_from, taken.word) == (loop.district, loop.street, "我来办")
    claims.release(incident=incident, actor=loop.street)  # not theirs any more
    assert claims.live_claim(incident, NOON) is not None
    assert claims.live_claim(incident, NOON + LASTS) is None
    claims.require_free(incident, Move.DISPATCH, loop.street, NOON + LASTS)


def test_renewing_keeps_since_when_and_a_new_claim_after_the_end_does_not(loop: Loop):
    incident = filed(loop)
    claims.claim(incident=incident, actor=loop.street, at=NOON)

    renewed = claims.claim(incident=incident, actor=loop.street, at=NOON + MINUTE)
    anew = claims.claim(incident=incident, actor=loop.street, at=NOON + 5 * MINUTE)

    assert (renewed.taken_at, renewed.until) == (NOON, NOON + MINUTE + LASTS)
    assert anew.taken_at == NOON + 5 * MINUTE


def test_the_api_claims_for_who_decides_and_refuses_the_other_in_words(loop: Loop):
    incident = filed(loop)
    settle()
    address = f"/api/desk/incidents/{incident.number}/claim"

    mine = client_of(loop.street).post(address, {}, "json").json()
    others = client_of(loop.district).post(address, {}, "json").json()
    looking = client_of(loop.ines).post(address, {}, "json").json()
    refused = client_of(loop.district).post(
        f"/api/incidents/{incident.number}/loop/moves", {"move": "pass_up", "note": "x"}, "json"
    )
    rows = client_of(loop.district).get("/api/desk/incidents?queue=to_dispatch").json()["results"]

    assert (mine["is_mine"], others["is_mine"], others["by"], looking["is_mine"]) == (
        True, False, "Street", False,
    )  # fmt: skip
    assert refused.status_code == 409 and "Street" in refused.json()["detail"]
    assert [(row["is_claimed"], row["claimed_by"]) for row in rows] == [(True, "Street")]
    assert client_of(loop.district).post(address, {"take_over": True}, "json").status_code == 422
    taken = client_of(loop.district).post(address, {"take_over": True, "word": "急"}, "json").json()
    assert taken["is_mine"]
    told = client_of(loop.street).get(address).json()
    assert (told["by"], told["taken_from_me"], told["word"]) == ("District", True, "急")


def test_a_move_lets_the_claim_go(loop: Loop):
    incident = filed(loop)
    settle()
    client = client_of(loop.street)
    client.post(f"/api/desk/incidents/{incident.number}/claim", {}, "json")

    answer = client.post(
        f"/api/incidents/{incident.number}/loop/moves", {"move": "pass_up", "note": "街道办"}, "json"
    )

    assert answer.status_code == 200, answer.json()
    assert not Claim.objects.exists()


def test_many_are_dispatched_and_each_refused_one_is_named(loop: Loop):
    ready, fresh, claimed = filed(loop), reported(loop.people.oona), filed(loop)
    claims.claim(incident=claimed, actor=loop.district, at=NOON)
    numbers = [ready.number, fresh.number, claimed.number, "20260101-999999", ready.number]

    sent, refused = dispatch_all(numbers=numbers, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    assert sent == [ready.number]
    assert [one.number for one in refused] == [fresh.number, claimed.number, "20260101-999999"]
    assert "in work" in refused[1].detail
    ready.refresh_from_db()
    assert ready.stage == "DISPATCHED"


def test_lists_are_kept_by_name_each_for_oneself(loop: Loop):
    client = client_of(loop.street)
    said = {"queue": "overdue", "q": "积水", "class": "0506"}

    kept = client.post("/api/desk/filters", {"name": "超时积水", "said": said}, "json")
    again = client.post("/api/desk/filters", {"name": "超时积水", "said": {"queue": "mine"}}, "json").json()
    mine = client.get("/api/desk/filters").json()

    assert kept.status_code == 200 and kept.json()["said"]["class"] == "0506"
    assert [one["said"]["queue"] for one in mine["saved"]] == ["mine"]
    assert {unit["code"] for unit in mine["units"]} == {"R", "L", "W"}
    assert client_of(loop.district).get("/api/desk/filters").json()["saved"] == []
    assert client_of(loop.district).delete(f"/api/desk/filters/{again['id']}").status_code == 404
    assert client.delete(f"/api/desk/filters/{again['id']}").status_code == 204
    assert client.post("/api/desk/filters", {"name": "", "said": said}, "json").status_code == 422
