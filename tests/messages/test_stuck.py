"""Who is told of applications and answers; what is stuck is tried again or given up with a reason."""

from incidents.loop import handling, two_persons
from incidents.loop.models import Application
from incidents.messages.models import Message
from incidents.messages.sending import note_unacknowledged
from incidents.workflow import Move
from tests.incidents.conftest import client_of, settle
from tests.loop.conftest import HOUR, NOON, Loop, filed, lead, loop

__all__ = ["loop"]


def told(kind: str) -> set[str]:
    return {message.to_user.username for message in Message.objects.filter(kind=kind, channel="app")
            if message.to_user}  # fmt: skip


def test_who_approves_is_told_of_an_application_and_the_applicant_of_the_answer(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.accept(incident=incident, actor=loop.rod, at=NOON)

    for approve in (False, True):
        two_persons.apply(incident=incident, move=Move.EXTEND, actor=loop.rod, at=NOON, note="缺件")
        application = Application.objects.get(incident=incident, verdict="pending")
        if approve:
            two_persons.approve(application=application, actor=loop.chief, at=NOON)
        else:
            two_persons.refuse(application=application, actor=loop.chief, at=NOON, note="不急")
        incident.refresh_from_db()

    assert "dan" in told("apply") and "rod" not in told("apply")  # the supervisor of the community
    assert told("refuse") == {"rod"}
    assert told("extend") == {"rod"}
    said = Message.objects.filter(kind="apply").first()
    assert said is not None and "延期" in said.text_zh


def test_a_stuck_message_is_shown_again_or_given_up_with_a_reason(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    note_unacknowledged(NOON + HOUR)
    settle()
    client = client_of(loop.street)

    [stuck] = client.get("/api/messages/stuck").json()["results"]
    again = client.post(f"/api/messages/{stuck['key']}/retry").json()
    assert (again["state"], again["error"]) == ("sent", "")
    assert again["ack_due_at"] is not None  # it can be stuck once more
    assert client.post(f"/api/messages/{stuck['key']}/give-up", {"reason": "x"}, "json").status_code == 409
    Message.objects.filter(key=stuck["key"]).update(state="stuck")
    address = f"/api/messages/{stuck['key']}/give-up"
    assert client.post(address, {"reason": " "}, "json").status_code == 422
    assert client_of(loop.rod).post(address, {"reason": "x"}, "json").status_code == 404
    given = client.post(address, {"reason": "已电话通知"}, "json").json()

    assert (given["state"], given["given_up_reason"]) == ("given_up", "已电话通知")
    assert client.get("/api/messages/stuck").json()["results"] == []
