"""Devices, whom they belong to, where they were, and the patrols that come of it."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils import timezone

from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from grid_units.duties.models import Duty

KINDS = [
    ("phone", "手机 phone"),
    ("tracker", "定位器 tracker"),
    ("forwarder", "转发服务 forwarding server"),
    ("file", "轨迹文件 uploaded tracks"),
]


class DeviceQuerySet(models.QuerySet["Device"]):
    """Words for lists of devices."""

    def usable(self) -> Self:
        """Not revoked."""
        return self.filter(revoked_at=None)


class Device(models.Model):
    """What says where somebody is (设备). Only the SHA-256 of its token is kept.

    A forwarding server sends for devices of its own: those have no token, but the server (`forwarder`) and
    the name they have there (`external_id`). Devices are revoked, never deleted: their fixes name them.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=KINDS, default="phone")
    prefix = models.CharField(max_length=12, blank=True)
    digest = models.CharField(max_length=64, null=True, unique=True)
    forwarder = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="forwarded"
    )
    external_id = models.CharField(max_length=128, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    is_simulated = models.BooleanField(default=False)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        db_table = "device"
        constraints = [
            models.CheckConstraint(
                name="device_kind_is_known", condition=Q(kind__in=["phone", "tracker", "forwarder", "file"])
            ),
            models.CheckConstraint(
                name="device_has_a_token_or_is_forwarded",
                condition=Q(digest__isnull=False, forwarder=None, external_id="")
                | (Q(digest=None, forwarder__isnull=False) & ~Q(external_id="") & ~Q(kind="forwarder")),
            ),
            models.UniqueConstraint(
                name="device_is_forwarded_under_one_name",
                fields=["forwarder", "external_id"],
                condition=Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PairingQuerySet(models.QuerySet["Pairing"]):
    """Words for lists of pairings."""

    def in_force(self, at: datetime) -> Self:
        """Those whose period holds `at`; the end is excluded."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)


class Pairing(models.Model):
    """Who carries a device, from-to. One person at a time; a person may carry several."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="pairings")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pairings")
    valid_from = models.DateTimeField(default=timezone.now)
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        db_table = "device_pairing"
        indexes = [models.Index(fields=["device", "valid_from"], name="device_pairing_of_device")]
        constraints = [
            models.CheckConstraint(
                name="device_pairing_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.worker_id}"


class Fix(models.Model):
    """A position as it came (定位点), with what was decided of it. Only ever added to.

    Partitioned by the UTC day of receipt, which is our clock: whatever the device's says, there is a place
    for it. `written_in` is the transaction, for readers who must miss nothing (see reading.py).
    """

    written_in = models.BigIntegerField()
    device = models.ForeignKey(Device, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    point = models.PointField(srid=STORAGE_SRID)
    accuracy_m = models.FloatField(null=True)
    speed_mps = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)
    altitude_m = models.FloatField(null=True)
    battery_pct = models.FloatField(null=True)
    protocol = models.CharField(max_length=10)
    unused_because = models.CharField(max_length=12)
    is_late = models.BooleanField()
    is_driven = models.BooleanField()

    class Meta:
        db_table = "fix"
        managed = False

    def __str__(self) -> str:
        return f"{self.device_id} {self.at}"


class LastPosition(models.Model):
    """Where a device was last, by its own clock; made with the device, moved by each newer used fix.

    `heard_at`: when anything came from it, usable or not. `doubt`: a run of fixes that may turn out to be a
    real move (fixes.Doubt). `written_in` as in Fix.
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="last")
    worker = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    point = models.PointField(srid=STORAGE_SRID, null=True, spatial_index=False)
    accuracy_m = models.FloatField(null=True)
    speed_mps = models.FloatField(null=True)
    heading_deg = models.FloatField(null=True)
    altitude_m = models.FloatField(null=True)
    battery_pct = models.FloatField(null=True)
    is_driven = models.BooleanField(default=False, db_default=False)
    doubt = models.JSONField(null=True)
    written_in = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "last_position"
        constraints = [
            models.CheckConstraint(
                name="last_position_has_place_and_time_or_neither",
                condition=Q(at=None, point=None) | Q(at__isnull=False, point__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.at}"


class PatrolQuerySet(models.QuerySet["Patrol"]):
    """Words for lists of patrols."""

    def running(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)


class Patrol(models.Model):
    """A shift walked by a person (巡查班次), with its track.

    The column `track` (not mapped: GeoDjango knows no measures) is a MultiLineStringM whose M is the time in
    Unix seconds; `length_m` is measured on the ellipsoid before the line is simplified.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="patrols")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.SET_NULL, related_name="patrols")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(max_length=150)
    is_by_hand = models.BooleanField(default=False, db_default=False)
    length_m = models.FloatField(default=0.0, db_default=0.0)
    driven_m = models.FloatField(default=0.0, db_default=0.0)
    fixes = models.IntegerField(default=0, db_default=0)
    is_track_stale = models.BooleanField(default=True, db_default=True)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        db_table = "patrol"
        indexes = [
            models.Index(fields=["worker", "-started_at"], name="patrol_of_worker"),
            models.Index(
                fields=["is_track_stale"], name="patrol_with_stale_track", condition=Q(is_track_stale=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="patrol_ends_after_it_starts",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
            ),
            models.UniqueConstraint(
                name="patrol_is_one_at_a_time", fields=["worker"], condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.started_at}"


class PatrolWatch(models.Model):
    """What somebody on duty is doing (states.Watch), as the clock saw it last."""

    worker = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    state = models.CharField(max_length=10)
    since = models.DateTimeField()
    anchor = models.JSONField(null=True)
    is_outside = models.BooleanField(default=False)
    turning_at = models.DateTimeField(null=True)
    in_area_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    written_in = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "patrol_watch"
        constraints = [
            models.CheckConstraint(
                name="patrol_watch_state_is_known",
                condition=Q(state__in=["on_patrol", "standing", "off_cell", "silent", "off_duty"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.state}"


class Absence(models.Model):
    """An alarm of the clock: somebody should be there and is not (应到未到). Ended, never deleted."""

    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    duty = models.ForeignKey(Duty, null=True, on_delete=models.SET_NULL, related_name="absences")
    unit_codes = models.JSONField(default=list)
    on_duty_since = models.DateTimeField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, blank=True, db_default="")

    class Meta:
        db_table = "absence"
        constraints = [
            models.UniqueConstraint(
                name="absence_is_raised_once", fields=["worker", "duty"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="absence_end_has_a_reason",
                condition=Q(ended_at=None, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=["came", "off_duty", "late_data"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.raised_at}"


class Listening(models.Model):
    """Since when we have been listening without a break; one row. For the time before, nobody is missed.

    looked_at: the clock's last look. doors_at: when a server last said that it takes positions.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    doors_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "patrol_listening"
        constraints = [models.CheckConstraint(name="there_is_one_watcher", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"since {self.since}"
