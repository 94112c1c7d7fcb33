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
    state = serializers.ChoiceField(choices=["waiting", "sent", "acknowledged", "stuck"])
    attempts = serializers.IntegerField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    ack_due_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class PageOfMessages(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = MessageOut(many=True)


class MessagesQuery(serializers.Serializer[Any]):
    """Which messages."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only those not acknowledged")
