"""The outbox: messages that wait, were sent, were acknowledged, or are stuck; and how units are reached."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from geogrid.organisations.models import Organisation, User
from incidents.loop.people import units_of
from incidents.models import Incident, StepTaken

CHANNELS = ["app", "email", "webhook"]


class UnitChannel(models.Model):
    """How a unit is told besides in the app (通知渠道): an e-mail address, or a signed webhook."""

    unit = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="channels")
    channel = models.CharField(max_length=7, choices=[("email", "邮件 e-mail"), ("webhook", "Webhook")])
    address = models.CharField(
        max_length=500, help_text="An e-mail address, or http(s)://... on an allowed host"
    )
    secret = models.CharField(max_length=100, blank=True, help_text="Signs webhooks (HMAC-SHA256)")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "unit_channel"
        constraints = [
            models.UniqueConstraint(
                name="unit_channel_is_listed_once", fields=["unit", "channel", "address"]
            ),
            models.CheckConstraint(
                name="unit_channel_is_known", condition=Q(channel__in=["email", "webhook"])
            ),
            models.CheckConstraint(
                name="webhook_has_a_secret", condition=~Q(channel="webhook") | ~Q(secret="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.channel}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Words for lists of messages."""

    def to(self, user: User) -> Self:
        """In the app, to this person or to a unit they handle for."""
        return self.filter(Q(to_user=user) | Q(to_unit_id__in=units_of(user)), channel="app")

    def stuck(self) -> Self:
        """Given up after many tries, or sent and not acknowledged in time."""
        return self.filter(state="stuck")


class Message(models.Model):
    """One message by one channel to one person or unit (消息). Its key is the same at every try."""

    key = models.UUIDField(primary_key=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="messages", db_index=False)
    step = models.ForeignKey(StepTaken, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, help_text="The move that caused it")
    channel = models.CharField(max_length=7)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_unit = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_channel = models.ForeignKey(
        UnitChannel, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    address = models.CharField(max_length=500, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="waiting")
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    ack_due_at = models.DateTimeField(null=True, help_text="Stuck when nobody has acknowledged it by then")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    given_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    given_up_reason = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="Why nobody waits for it any more"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "loop_message"
        indexes = [
            models.Index(fields=["next_try_at"], name="message_is_due", condition=Q(state="waiting")),
            models.Index(
                fields=["ack_due_at"],
                name="message_waits_for_ack",
                condition=Q(state="sent", ack_due_at__isnull=False),
            ),
            models.Index(fields=["-created_at"], name="message_is_stuck", condition=Q(state="stuck")),
            models.Index(fields=["to_user", "-created_at"], name="message_to_person"),
            models.Index(fields=["to_unit", "-created_at"], name="message_to_unit"),
            models.Index(fields=["incident"], name="message_of_incident"),
        ]
        constraints = [
            models.CheckConstraint(name="message_channel_is_known", condition=Q(channel__in=CHANNELS)),
            models.CheckConstraint(
                name="message_state_is_known",
                condition=Q(state__in=["waiting", "sent", "acknowledged", "stuck", "given_up"]),
            ),
            models.CheckConstraint(
                name="message_is_given_up_by_somebody_with_a_reason",
                condition=~Q(state="given_up", given_up_reason="")
                & (Q(state="given_up") | Q(given_up_by=None, given_up_reason="")),
            ),
            models.CheckConstraint(
                name="message_goes_to_one",
                condition=Q(to_user=None, to_unit__isnull=False) | Q(to_user__isnull=False, to_unit=None),
            ),
            models.CheckConstraint(
                name="message_that_waits_has_its_next_try",
                condition=~Q(state="waiting") | Q(next_try_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.state}"

    @property
    def said(self) -> dict[str, str]:
        """What it says in both languages."""
        return {"zh": self.text_zh, "en": self.text_en}


class ClockRefusal(models.Model):
    """A change that was due by time and was refused (到期事项受阻): tried again later and later, and shown.

    what: name of the change. ref: id of the clock or incident that it is about. While `next_try_at` is to
    come the clock does not look at it, so that others are never starved.
    """

    what = models.CharField(max_length=40)
    ref = models.BigIntegerField()
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+", db_index=False)
    times = models.SmallIntegerField(default=1)
    error = models.CharField(max_length=500)
    first_at = models.DateTimeField()
    next_try_at = models.DateTimeField()

    class Meta:
        db_table = "clock_refusal"
        constraints = [
            models.UniqueConstraint(name="clock_refusal_is_counted_once", fields=["what", "ref"]),
            models.CheckConstraint(name="clock_refusal_is_counted", condition=Q(times__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.ref}"


# So that the key of a message follows from what caused it and whom it goes to, and cannot be made twice.
NAMESPACE = uuid.UUID("6b0c51c4-5d0a-4d0e-9c53-0d3f4a2b7e61")
