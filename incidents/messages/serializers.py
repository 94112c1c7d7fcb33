"""What the API of messages shows."""

from typing import Any

from rest_framework import serializers

from incidents.cards import TwoTongues
from incidents.loop.serializers import AssignedUnitOut


class MessageOut(serializers.Serializer[Any]):
    """A message. Addresses are not told: they may be a person's."""

    key = serializers.UUIDField()
    incident = serializers.CharField(source="incident.number")
    kind = serializers.CharField(help_text="The move that caused it")
    channel = serializers.ChoiceField(choices=["app", "email", "webhook"])
    to_unit = AssignedUnitOut(allow_null=True)
    text = TwoTongues(source="said")
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["waiting", "sent", "acknowledged", "stuck", "given_up"])
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    ack_due_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    given_up_reason = serializers.CharField(allow_blank=True)


class PageOfMessages(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = MessageOut(many=True)


class MessagesQuery(serializers.Serializer[Any]):
    """Which messages."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only those not acknowledged")


class GiveUpIn(serializers.Serializer[Any]):
    """Why nobody waits for a message any more."""

    reason = serializers.CharField(max_length=500, allow_blank=True)


class RefusalOut(serializers.Serializer[Any]):
    """A change that was due by time and was refused."""

    id = serializers.IntegerField()
    what = serializers.CharField(help_text="Name of the change")
    incident = serializers.CharField(source="incident.number")
    times = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    first_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField()
