"""One reported problem (案件), its steps, its photos, and who to call back."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db.models import Q
from django.utils import timezone

from assets.models import Asset, AssetClass
from assets.photos.models import Photo
from assets.sensors.models import Alarm
from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.core.models import the_city
from geogrid.organisations.models import Organisation, User
from grid_units.duties.access import scopes_of, under
from grid_units.models import Cell, CellVersion

UNFINISHED_VALUES = ["REPORTED", "FILED", "DISPATCHED", "HANDLING", "HANDLED", "VERIFIED"]


def county_code() -> str:
    """The city's own code: stands for the place of incidents whose cell is not known."""
    city = the_city()
    return city.county_code if city else ""


class EventClass(models.Model):
    """A kind of problem that is no object (管理事件), in one edition of one scheme."""

    scheme = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    code = models.CharField(max_length=6)
    major_name = models.CharField(max_length=60)
    major_name_en = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    icon = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=10)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "event_class"
        verbose_name_plural = "event classes"
        constraints = [
            models.UniqueConstraint(name="event_class_is_listed_once", fields=["scheme", "version", "code"]),
            models.CheckConstraint(name="event_class_code_is_digits", condition=Q(code__regex=r"^\d{4,5}$")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Words for lists of incidents."""

    def unfinished(self) -> Self:
        """Still somebody's to do."""
        return self.filter(stage__in=UNFINISHED_VALUES)

    def of(self, user: User) -> Self:
        """Those that `user` has: as the cell worker, or as the one whose clock runs."""
        return self.filter(Q(cell_worker_id=user.pk) | Q(holder_id=user.pk))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Own subtree or own unit, at most 5 m from its border, and what the person reported or has."""
        scopes = scopes_of(user)
        if scopes.everywhere:
            return self.all()
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        seen = Q(reported_by_id=user.pk) | Q(cell_worker_id=user.pk) | Q(holder_id=user.pk)
        if scopes.organisation_ids:
            seen |= Q(responsible_unit_id__in=scopes.organisation_ids)
            # The second condition is what the partial index asks for.
            units = list(scopes.organisation_ids)
            seen |= Q(handling_unit_ids__overlap=units) & ~Q(handling_unit_ids=[])
        if scopes.incident_prefixes:
            seen |= under(scopes.incident_prefixes, "unit_code")
            cells = Cell.objects.filter(under(scopes.incident_prefixes, "code")).values("code")
            # The second condition is what the partial index asks for.
            seen |= Q(border_unit_codes__overlap=ArraySubquery(cells)) & ~Q(border_unit_codes=[])
            if scopes.sees_incidents_of(county_code()):
                seen |= Q(unit_code="")
        return self.filter(seen)


class Incident(models.Model):
    """One reported problem, followed until it is closed, rejected or void.

    `unit_code` is the code of the cell that contains the point, in the version that was in force; it is
    empty while the place is unknown. The cell worker answers for the place and is never empty.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=24, unique=True)
    stage = models.CharField(max_length=12, default="REPORTED")
    waiting = models.CharField(max_length=12, blank=True, db_default="")
    level = models.CharField(max_length=10, default="COMMUNITY", db_default="COMMUNITY")
    round = models.SmallIntegerField(default=1, db_default=1)
    point = models.PointField(srid=STORAGE_SRID, null=True, blank=True, spatial_index=False)
    geom_3857 = models.PointField(srid=TILE_SRID, null=True, editable=False)
    location_text = models.CharField(max_length=300, blank=True, db_default="")
    asset = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents"
    )
    # Without indexes: classes are retired, not deleted, and nobody asks for all incidents of one.
    asset_class = models.ForeignKey(
        AssetClass, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents", db_index=False
    )
    event_class = models.ForeignKey(
        EventClass, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents", db_index=False
    )
    description = models.TextField(blank=True, db_default="")
    channel = models.CharField(max_length=30)
    source_number = models.CharField(max_length=60, blank=True, db_default="")
    found_by_patrol = models.BooleanField(default=False, db_default=False)
    unit_code = models.CharField(max_length=15, blank=True, db_default="")
    cell_version = models.ForeignKey(
        CellVersion, null=True, editable=False, on_delete=models.PROTECT, related_name="incidents"
    )
    border_unit_codes = ArrayField(models.CharField(max_length=15), default=list, db_default=[])
    cell_worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rostered = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Whom the duty list named when the worker was set. A hand-over by hand stands until the "
        "list names somebody else",
    )
    worker_level = models.CharField(
        max_length=10,
        help_text="Level whose duty the cell worker has; FALLBACK when nobody at all was on duty",
    )
    worker_is_substitute = models.BooleanField(default=False, db_default=False)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose clock runs now",
    )
    responsible_unit = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="incidents",
        db_index=False,
    )
    handling_unit_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        editable=False,
        help_text="Units that have or had a work order in it; kept by the database",
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reported_at = models.DateTimeField(default=timezone.now)
    filed_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    is_simulated = models.BooleanField(default=False, db_default=False)
    client = models.CharField(max_length=60, blank=True, db_default="")
    idempotency_key = models.CharField(max_length=100, null=True, blank=True)
    request_hash = models.CharField(max_length=64, blank=True, db_default="")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        db_table = "incident"
        indexes = [
            models.Index(fields=["-reported_at", "-id"], name="incident_newest_first"),
            models.Index(
                fields=["unit_code", "-reported_at"],
                name="incident_open_by_unit",
                condition=Q(stage__in=UNFINISHED_VALUES),
                opclasses=["text_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(
                fields=["unit_code", "-reported_at"],
                name="incident_by_unit",
                opclasses=["text_pattern_ops", "timestamptz_ops"],
            ),
            GinIndex(
                fields=["border_unit_codes"],
                name="incident_near_border",
                condition=~Q(border_unit_codes=[]),
            ),
            GinIndex(
                fields=["handling_unit_ids"],
                name="incident_by_handling_unit",
                condition=~Q(handling_unit_ids=[]),
            ),
            models.Index(fields=["cell_worker", "-reported_at"], name="incident_by_worker"),
            models.Index(fields=["reported_by", "-reported_at"], name="incident_by_reporter"),
            models.Index(fields=["closed_at"], name="incident_is_closed", condition=Q(stage="CLOSED")),
            models.Index(fields=["id"], name="incident_is_suspended", condition=Q(waiting="suspended")),
            models.Index(
                fields=["responsible_unit", "-reported_at"],
                name="incident_by_responsible_unit",
                condition=Q(responsible_unit__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="incident_is_sent_once", fields=["client", "idempotency_key"]),
            models.CheckConstraint(
                name="incident_stage_is_known",
                condition=Q(stage__in=[*UNFINISHED_VALUES, "CLOSED", "EVALUATED", "REJECTED", "VOID"]),
            ),
            models.CheckConstraint(
                name="incident_waiting_is_known", condition=Q(waiting__in=["", "suspended"])
            ),
            models.CheckConstraint(
                name="incident_level_is_known", condition=Q(level__in=["COMMUNITY", "STREET", "DISTRICT"])
            ),
            models.CheckConstraint(
                name="incident_has_at_most_one_class", condition=Q(asset_class=None) | Q(event_class=None)
            ),
            models.CheckConstraint(
                name="incident_says_what_or_which_class",
                condition=~Q(description="") | Q(asset_class__isnull=False) | Q(event_class__isnull=False),
            ),
            models.CheckConstraint(
                name="incident_closed_at_only_when_closed",
                condition=Q(stage__in=["CLOSED", "EVALUATED"], closed_at__isnull=False)
                | (~Q(stage__in=["CLOSED", "EVALUATED"]) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="incident_cell_is_known_when_its_code_is",
                condition=Q(unit_code="", cell_version=None)
                | (~Q(unit_code="") & Q(cell_version__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def place_code(self) -> str:
        """Code of the cell, or the city's own while the cell is not known: the district has it then."""
        return self.unit_code or county_code()


class StepTaken(models.Model):
    """One step of an incident (环节). Appended, never edited; the database refuses a move without one."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="steps_taken", db_index=False
    )
    move = models.CharField(max_length=20)
    from_stage = models.CharField(max_length=12, blank=True)
    to_stage = models.CharField(max_length=12)
    level = models.CharField(max_length=10)
    actor = models.TextField(editable=False, help_text="Signed by the database")
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    taken_at = models.DateTimeField()
    note = models.TextField(blank=True, db_default="")
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "step_taken"
        verbose_name_plural = "steps taken"
        indexes = [
            models.Index(fields=["incident", "id"], name="step_taken_of_incident"),
            # Steps are appended nearly in the order of their times: a few kilobytes find the newer ones.
            BrinIndex(fields=["taken_at"], name="step_taken_by_time", pages_per_range=16),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.taken_at}"


class IncidentAlarm(models.Model):
    """An alarm of a sensor that belongs to an incident: opened it, or came while it was unfinished."""

    alarm = models.OneToOneField(Alarm, on_delete=models.PROTECT, related_name="incident_link")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="alarm_links")

    class Meta:
        db_table = "incident_alarm"

    def __str__(self) -> str:
        return f"{self.incident} {self.alarm}"


class IncidentPhoto(models.Model):
    """A photo that belongs to an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="photo_links")
    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="incident_link")

    class Meta:
        db_table = "incident_photo"

    def __str__(self) -> str:
        return str(self.photo)


class IncidentContact(models.Model):
    """How to reach the reporter. Kept apart: every reading is logged with its reason."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        db_table = "incident_contact"

    def __str__(self) -> str:
        return f"contact of {self.incident}"


class ContactRead(models.Model):
    """Who read a reporter's contact, when and why. Appended, never edited."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="contact_reads")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=300)

    class Meta:
        db_table = "contact_read"

    def __str__(self) -> str:
        return f"{self.reader} {self.read_at}"
