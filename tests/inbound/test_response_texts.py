"""What reporters are told by reason, in both languages, with the message of the move."""

import pytest
from django.db import DatabaseError, transaction

from incidents.messages.models import Message
from incidents.texts.models import ResponseText
from tests.incidents.conftest import client_of
from tests.loop.conftest import NOON, Loop, reported


def test_the_chosen_text_goes_out_in_both_languages_to_the_reporter_only(loop: Loop):
    incident = reported(loop.people.volunteer, NOON)
    client = client_of(loop.people.oona)
    [text] = [one for one in client.get("/api/response-texts").json() if one["code"] == "too_little"]
    said = {"move": "reject", "note": "无照片", "response": "too_little"}

    answer = client.post(f"/api/incidents/{incident.number}/loop/moves", said, format="json")

    assert answer.status_code == 200, answer.json()
    [told] = Message.objects.filter(incident=incident, to_user=loop.people.volunteer)
    assert text["text_zh"] in told.text_zh and text["text_en"] in told.text_en
    assert not Message.objects.filter(incident=incident).exclude(to_user=loop.people.volunteer).exists()


def test_without_a_text_the_message_says_what_happened(loop: Loop):
    incident = reported(loop.people.volunteer, NOON)
    said = {"move": "reject", "note": "x"}

    client_of(loop.people.oona).post(f"/api/incidents/{incident.number}/loop/moves", said, format="json")

    assert Message.objects.get(incident=incident).text_en.count("\n") == 0


def test_a_text_is_in_both_languages_and_listed_once(loop: Loop):
    for changes in ({"text": ""}, {"text_en": ""}, {"move": "file"}, {"code": "too_little"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ResponseText.objects.filter(move="reject", code="not_ours").update(**changes)
