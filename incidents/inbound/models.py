"""Other systems that send reports, how their fields and classes are read, and what they sent."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from geogrid.organisations.models import Organisation
from incidents.models import Incident

models.CharField.register_lookup(Length)


class Source(models.Model):
    """Another system that sends reports (来件系统), with its secret and how its JSON is read."""

    code = models.CharField(max_length=30, unique=True, help_text="In its address: /api/inbound/<code>")
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=30, default="hotline", help_text="渠道 hotline, app...")
    unit = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="其单位：立案、结案等按其通知渠道回执 is told of filing and closing by its channels",
    )
    secret = models.CharField(max_length=100, help_text="Signs its calls (HMAC-SHA256)")
    secret_before = models.CharField(
        max_length=100, blank=True, help_text="Still taken while the new one is brought in"
    )
    mapping = models.JSONField(default=dict, help_text="Our field > path in its JSON; docs/inbound.md")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "inbound_source"
        constraints = [
            models.CheckConstraint(
                name="inbound_source_code_is_short_and_plain", condition=Q(code__regex=r"^[a-z0-9-]{2,30}$")
            ),
            models.CheckConstraint(
                name="inbound_source_channel_is_plain", condition=Q(channel__regex=r"^[a-z0-9_-]+$")
            ),
            models.CheckConstraint(name="inbound_source_has_a_secret", condition=Q(secret__length__gte=16)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client(self) -> str:
        """Under which its incidents are kept: (client, outside number) is there once."""
        return f"source:{self.code}"


class SourceClass(models.Model):
    """What one of its classes is called here (类别对照)."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="classes")
    theirs = models.CharField(max_length=60)
    kind = models.CharField(max_length=5, choices=[("asset", "部件 asset"), ("event", "事件 event")])
    code = models.CharField(max_length=6, help_text="小类代码 code of the class, newest edition")

    class Meta:
        db_table = "inbound_class"
        verbose_name_plural = "source classes"
        constraints = [
            models.UniqueConstraint(name="inbound_class_is_mapped_once", fields=["source", "theirs"]),
            models.CheckConstraint(
                name="inbound_class_kind_is_known", condition=Q(kind__in=["asset", "event"])
            ),
            models.CheckConstraint(
                name="inbound_class_code_is_digits", condition=Q(code__regex=r"^\d{4,5}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theirs} > {self.code}"


class InboundPost(models.Model):
    """What was sent, as it was sent (来件原文). Appended, never edited."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="posts")
    outside_number = models.CharField(max_length=60)
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="inbound_post")
    received_at = models.DateTimeField()
    original: Any = models.JSONField()
    their_class = models.CharField(max_length=60, blank=True)
    lacks = ArrayField(
        models.CharField(max_length=12), default=list, help_text="class, place: what a person has to add"
    )

    class Meta:
        db_table = "inbound_post"
        constraints = [
            models.UniqueConstraint(
                name="outside_number_is_there_once_in_its_source", fields=["source", "outside_number"]
            ),
            models.CheckConstraint(
                name="inbound_post_lacks_what_is_known", condition=Q(lacks__contained_by=["class", "place"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.outside_number}"


class UsedSignature(models.Model):
    """Signatures of the last minutes: none is taken twice."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    signature = models.CharField(max_length=64)
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "inbound_signature"
        constraints = [models.UniqueConstraint(name="signature_is_used_once", fields=["source", "signature"])]

    def __str__(self) -> str:
        return self.signature[:8]
