"""Measuring, in the words of OGC SensorThings: stations (监测点), datastreams, observations, alarms.

Observations and roll-ups are made by SQL in the second migration: partitions and composite keys have no
Django words.
"""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from assets.models import Asset
from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.organisations.models import User

LEVELS = ["notice", "watch", "serious", "critical"]
FLAGS = ["", "gap", "stuck", "range", "rate", "wild"]
USABLE_FLAGS = ["", "gap", "stuck"]


def water_bands() -> list[dict[str, object]]:
    """Bands of depth (积水深度) in cm: notice < 15, watch 15-30, serious 30-50, critical >= 50."""
    return [
        {"level": "notice", "from": 0},
        {"level": "watch", "from": 15},
        {"level": "serious", "from": 30},
        {"level": "critical", "from": 50},
    ]


Thing = TypeVar("Thing", bound=models.Model)


def seen_by(user: User | AnonymousUser, rows: models.QuerySet[Thing]) -> models.QuerySet[Thing]:
    """`rows` for who is signed in, none for the stranger: stations stand in the street, as public assets."""
    return rows if isinstance(user, User) and user.is_active else rows.none()


class Station(models.Model):
    """An asset that speaks (监测点); a Thing of SensorThings. Its place is the asset's."""

    code = models.CharField(max_length=60, help_text="The name it has in its own messages", db_collation="C")
    asset = models.OneToOneField(Asset, on_delete=models.PROTECT, related_name="station")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, db_default="")
    is_simulated = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "station"
        constraints = [
            models.UniqueConstraint(name="station_code_is_unique", fields=["code"]),
            models.CheckConstraint(
                name="station_code_is_plain", condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Datastream(models.Model):
    """One phenomenon as one station measures it: unit, what is credible, and what is bad (监测项).

    Values, limits, thresholds and hysteresis are in the unit of `unit_symbol`.
    """

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="datastreams")
    code = models.CharField(max_length=60, db_collation="C", help_text="Its name in the station's messages")
    phenomenon = models.CharField(
        max_length=30, help_text="Observed property: level, rain, fume, noise, tilt..."
    )
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, db_default="")
    unit_symbol = models.CharField(max_length=20, help_text="cm, mm, dB, mg/m³, °...")
    unit_name = models.CharField(max_length=60, blank=True, db_default="")
    expected_interval_s = models.FloatField(null=True, blank=True, help_text="Seconds between values")
    stale_after_intervals = models.FloatField(
        default=3, db_default=3, help_text="So many intervals without a value, and it is stale, then offline"
    )
    lowest = models.FloatField(null=True, blank=True, help_text="The instrument measures from here")
    highest = models.FloatField(null=True, blank=True, help_text="The instrument measures up to here")
    most_per_s = models.FloatField(null=True, blank=True, help_text="Largest credible change per second")
    stuck_s = models.FloatField(null=True, blank=True, help_text="So long the same value is not credible")
    thresholds = models.JSONField(
        default=list,
        blank=True,
        db_default=[],
        help_text='The mildest first: [{"level": "watch", "from": 15, "dwell_s": 7200}, ...]',
    )
    hysteresis = models.FloatField(
        default=0, db_default=0, help_text="A threshold is left only so far on its mild side"
    )
    clear_s = models.FloatField(
        default=600, db_default=600, help_text="An alarm ends after values were mild for so long"
    )
    is_worse_below = models.BooleanField(default=False, db_default=False)
    event_code = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="Class of the incident that an alarm opens: code, or scheme/version/code",
    )
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "datastream"
        constraints = [
            models.UniqueConstraint(name="datastream_code_is_unique_in_station", fields=["station", "code"]),
            models.CheckConstraint(
                name="datastream_code_is_plain", condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")
            ),
            models.CheckConstraint(
                name="datastream_phenomenon_is_a_word", condition=Q(phenomenon__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.CheckConstraint(
                name="datastream_range_is_not_empty",
                condition=Q(lowest=None) | Q(highest=None) | Q(lowest__lt=F("highest")),
            ),
            models.CheckConstraint(
                name="datastream_times_and_rates_are_positive",
                condition=(Q(expected_interval_s=None) | Q(expected_interval_s__gt=0))
                & (Q(most_per_s=None) | Q(most_per_s__gt=0))
                & (Q(stuck_s=None) | Q(stuck_s__gt=0))
                & Q(stale_after_intervals__gte=1, hysteresis__gte=0, clear_s__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station.code}/{self.code}"


class DatastreamState(models.Model):
    """The last value of a datastream and what alarms need to know. One row each, made by the database.

    `last_at` never moves back. Whoever writes observations locks these rows first, in the order of their ids.
    """

    datastream = models.OneToOneField(
        Datastream, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    last_at = models.DateTimeField(null=True)
    last_value = models.FloatField(null=True)
    last_flag = models.CharField(max_length=5, blank=True, db_default="")
    same_since = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True, help_text="When anything was last received, on our clock")
    silent_since = models.DateTimeField(null=True, help_text="Offline since; set by the clock")
    passed_since = models.JSONField(default=dict, db_default={}, help_text="Level to the time it was passed")
    mild_since = models.DateTimeField(null=True)
    alarm_id = models.BigIntegerField(null=True)
    alarm_level = models.CharField(max_length=10, blank=True, db_default="")
    alarm_is_falling = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "datastream_state"

    def __str__(self) -> str:
        return f"{self.last_value} at {self.last_at}"


class Observation(models.Model):
    """One value (观测值). Partitioned by the UTC day of `phenomenon_at`; appended, never edited.

    A datastream has one value at a moment: what is sent again is known, and the first stays.
    """

    id = models.BigIntegerField(primary_key=True)
    datastream = models.ForeignKey(Datastream, on_delete=models.DO_NOTHING, related_name="observations")
    phenomenon_at = models.DateTimeField(help_text="When it was so")
    result_at = models.DateTimeField(null=True, help_text="When the station knew, if it says")
    received_at = models.DateTimeField(help_text="When we had it, on our clock")
    value = models.FloatField()
    flag = models.CharField(max_length=5, blank=True)

    class Meta:
        db_table = "observation"
        managed = False

    def __str__(self) -> str:
        return f"{self.value} at {self.phenomenon_at}"


class Alarm(models.Model):
    """A datastream is worse than a threshold (报警). Exactly one is open for a datastream."""

    datastream = models.ForeignKey(
        Datastream, on_delete=models.PROTECT, related_name="alarms", db_index=False
    )
    level = models.CharField(max_length=10, help_text="The worst it has reached")
    opened_at = models.DateTimeField(help_text="Times are those of the values")
    raised_at = models.DateTimeField(help_text="When it reached `level`")
    falling_at = models.DateTimeField(null=True, blank=True, help_text="Below all thresholds since")
    closed_at = models.DateTimeField(null=True, blank=True)
    worst_value = models.FloatField()

    class Meta:
        db_table = "alarm"
        indexes = [models.Index(fields=["datastream", "-opened_at"], name="alarm_of_datastream")]
        constraints = [
            models.UniqueConstraint(
                name="datastream_has_one_open_alarm", fields=["datastream"], condition=Q(closed_at=None)
            ),
            models.CheckConstraint(name="alarm_level_is_known", condition=Q(level__in=LEVELS)),
            models.CheckConstraint(
                name="alarm_is_closed_after_it_was_opened",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.opened_at}"


class AlarmTurn(models.Model):
    """What happened to an alarm, in order. The room above marks what it has made of it (`told_at`)."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="turns")
    turn = models.CharField(max_length=8)
    level = models.CharField(max_length=10)
    value = models.FloatField()
    at = models.DateTimeField(help_text="Time of the value")
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alarm_turn"
        indexes = [models.Index(fields=["id"], name="alarm_turn_not_told", condition=Q(told_at=None))]
        constraints = [
            models.CheckConstraint(
                name="alarm_turn_is_known",
                condition=Q(turn__in=["opened", "raised", "falling", "rising", "closed"]),
            ),
            models.CheckConstraint(name="alarm_turn_level_is_known", condition=Q(level__in=LEVELS)),
        ]

    def __str__(self) -> str:
        return f"{self.turn} {self.at}"


class StationToken(models.Model):
    """A key that speaks for some stations: one, or those behind a gateway. Only its SHA-256 is kept."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    stations = models.ManyToManyField(Station, related_name="tokens", db_table="station_token_station")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "station_token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class RefusedMessage(models.Model):
    """A message of the broker that could not be read: its sender gets no answer, so it is kept here."""

    received_at = models.DateTimeField(default=timezone.now)
    topic = models.CharField(max_length=300)
    payload = models.TextField(help_text="Its beginning, as text")
    reason = models.TextField()

    class Meta:
        db_table = "refused_message"
        indexes = [models.Index(fields=["received_at"], name="refused_message_by_time")]

    def __str__(self) -> str:
        return f"{self.topic} {self.received_at}"


class WaterloggingPoint(models.Model):
    """A place that floods (内涝点/积水点), and the stations that say how deep. Depths in cm."""

    code = models.CharField(max_length=60, db_collation="C")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True, db_default="")
    place = models.PointField(srid=STORAGE_SRID, spatial_index=False)
    geom_3857 = models.PointField(srid=TILE_SRID, null=True, editable=False)
    catchment = models.MultiPolygonField(srid=STORAGE_SRID, null=True, blank=True, spatial_index=False)
    bands = models.JSONField(default=water_bands, help_text="As thresholds of a datastream, in cm")
    stations = models.ManyToManyField(
        Station, related_name="waterlogging_points", db_table="waterlogging_point_station", blank=True
    )
    note = models.TextField(blank=True, db_default="")
    is_simulated = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "waterlogging_point"
        constraints = [
            models.UniqueConstraint(name="waterlogging_point_code_is_unique", fields=["code"]),
            models.CheckConstraint(
                name="waterlogging_point_code_is_plain",
                condition=Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
