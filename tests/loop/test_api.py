"""The loop over HTTP: what is offered, what each sees, a second click, a call sent twice."""

from geogrid.organisations.models import User
from incidents.loop.models import SentMove
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import Loop, filed, picture, reported


def loop_for(user: User, number: str):
    return client_of(user).get(f"/api/incidents/{number}/loop").json()


def move(user: User, number: str, headers=None, **said):
    path = f"/api/incidents/{number}/loop/moves"
    return client_of(user).post(path, said, format="json", headers=headers or {})


def test_a_life_over_http_by_those_to_whom_each_move_is_offered(loop: Loop):
    number = reported(loop.people.oona).number
    assert loop_for(loop.people.oona, number)["clocks"][0]["what"] == "file"
    assert move(loop.people.oona, number, move="file").status_code == 200
    offered = {one["move"]: one for one in loop_for(loop.street, number)["moves"]}
    assert offered["dispatch"]["needs"] == ["units"]
    assert offered["suspend"]["is_applied_for"] and "accept" not in offered

    sent = move(
        loop.street, number, move="dispatch",
        units=[{"unit": "R", "limit": "4小时"}, {"unit": "L", "role": "co", "is_mandatory": False}],
    )  # fmt: skip
    assert sent.status_code == 200, sent.json()
    queue = client_of(loop.rod).get("/api/work-orders").json()["results"]
    assert [(one["order"]["role"], one["incident"]["number"]) for one in queue] == [("lead", number)]
    assert queue[0]["order"]["clocks"][0]["limit"] == {"zh": "4小时", "en": "4 hours"}
    assert client_of(loop.wat).get(f"/api/incidents/{number}/loop").status_code == 404
    assert loop_for(loop.lou, number)["work_orders"][1]["unit"]["code"] == "L"

    assert move(loop.rod, number, move="accept").status_code == 200
    early = {one["move"]: one for one in loop_for(loop.rod, number)["moves"]}["hand_in"]
    assert (early["allowed"], early["reason"]["zh"]) == (False, "还缺处置后照片。")
    photo = {"file": picture(), "role": "after"}
    path = f"/api/incidents/{number}/photos"
    assert client_of(loop.rod).post(path, photo, format="multipart").status_code == 201
    done = move(loop.rod, number, move="hand_in", result="已抽干")
    assert (done.status_code, done.json()["stage"]) == (200, "HANDLED")
    settle()


def test_the_second_click_on_the_same_button_is_refused_kindly(loop: Loop):
    number = filed(loop).number
    seen = loop_for(loop.street, number)["last_step"]
    said = {"move": "dispatch", "units": [{"unit": "R"}], "seen_step": seen}

    first, second = move(loop.street, number, **said), move(loop.district, number, **said)

    assert (first.status_code, second.status_code) == (200, 409)
    assert "Street dispatched it at" in second.json()["detail"]
    assert "Street已于" in second.json()["detail"]


def test_a_call_sent_twice_is_made_once(loop: Loop):
    number = filed(loop).number
    key = {"Idempotency-Key": "k1"}
    said = {"move": "pass_up", "note": "x"}

    answers = [move(loop.street, number, headers=key, **said) for _ in "12"]
    other = move(loop.street, number, headers=key, move="pass_down", note="x")

    assert [answer.json()["level"] for answer in answers] == ["STREET", "STREET"]
    assert (other.status_code, SentMove.objects.count()) == (409, 1)


def test_who_applies_does_not_approve(loop: Loop):
    number = filed(loop).number
    asked = move(loop.street, number, move="void", note="x")
    assert asked.status_code == 403  # that is the operator's
    [application] = move(loop.people.oona, number, move="void", note="测试").json()["applications"]
    path = f"/api/incidents/{number}/loop/applications/{application['id']}"
    chiefs = loop_for(loop.chief, number)["applications"][0]

    own = client_of(loop.people.oona).post(path, {"approve": True}, format="json")
    done = client_of(loop.chief).post(path, {"approve": True}, format="json")
    again = client_of(loop.chief).post(path, {"approve": True}, format="json")

    assert chiefs["is_mine_to_decide"] and not application["is_mine_to_decide"]
    assert (own.status_code, done.json()["stage"], again.status_code) == (403, "VOID", 409)
    settle()


def test_wrong_requests_are_told_what_is_wrong(loop: Loop):
    number = filed(loop).number

    wrong = [
        move(loop.street, number, move="dispatch", units=[]),
        move(loop.street, number, move="dispatch", units=[{"unit": "nobody"}]),
        move(loop.street, number, move="dispatch", units=[{"unit": "R", "limit": "soon"}]),
        move(loop.street, number, move="fly"),
        move(loop.street, number, move="dispatch", units=[{"unit": "R"}], seen_step=1),
        move(loop.street, number, move="suspend", note="x"),
    ]

    assert [answer.status_code for answer in wrong] == [422] * len(wrong)
    assert all(answer.json()["detail"] for answer in wrong)
