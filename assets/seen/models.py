"""Streets in bits of five metres, who passed them when, and when each asset was last passed."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils import timezone

from assets.models import Asset, Road
from geogrid.core.geo import TILE_SRID


class KindDuty(models.Model):
    """Whether streets of a kind are to be patrolled (巡查义务). A kind that is not listed is.

    `kind` is the kind of a road, or `kind/service` for a sort of service road (OpenStreetMap's words).
    """

    kind = models.CharField(max_length=80, primary_key=True)
    is_due = models.BooleanField()
    note = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "patrol_duty_of_kind"

    def __str__(self) -> str:
        return self.kind


class RoadDuty(models.Model):
    """What somebody has decided for one road, whatever its kind."""

    road = models.OneToOneField(Road, on_delete=models.CASCADE, primary_key=True, related_name="duty")
    is_due = models.BooleanField()
    reason = models.CharField(max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "patrol_duty_of_road"
        constraints = [
            models.CheckConstraint(name="patrol_duty_has_a_reason", condition=~models.Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.road_id}: {self.is_due}"


class RoadCut(models.Model):
    """A road that stands in bits as it is drawn now. The database takes the row away when that changes."""

    road = models.OneToOneField(Road, on_delete=models.CASCADE, primary_key=True, related_name="cut")

    class Meta:
        db_table = "road_cut"

    def __str__(self) -> str:
        return str(self.road_id)


class RoadBit(models.Model):
    """At most five metres of a road (路段).

    `length_m` on the ellipsoid; `middle` tells its cell and whether it was passed. `cell_id` is derived and
    has no foreign key: the clock follows the grid.
    """

    road = models.ForeignKey(Road, on_delete=models.CASCADE, related_name="bits")
    nr = models.IntegerField()
    length_m = models.FloatField()
    middle = models.PointField(srid=TILE_SRID)
    geom_3857 = models.LineStringField(srid=TILE_SRID)
    cell_id = models.BigIntegerField(null=True, db_index=True)
    is_due = models.BooleanField()

    class Meta:
        db_table = "road_bit"
        constraints = [
            models.UniqueConstraint(name="road_bit_is_cut_once", fields=["road", "nr"]),
            models.CheckConstraint(name="road_bit_has_a_length", condition=models.Q(length_m__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.road_id}/{self.nr}"


class BitLast(models.Model):
    """When a bit was last walked, and last driven along."""

    bit = models.OneToOneField(RoadBit, on_delete=models.CASCADE, primary_key=True, related_name="last")
    walked_at = models.DateTimeField(null=True)
    driven_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "road_bit_last"

    def __str__(self) -> str:
        return str(self.bit_id)


class AssetLastSeen(models.Model):
    """When somebody on foot last passed an asset within ten metres."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, primary_key=True, related_name="last_seen")
    at = models.DateTimeField()
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        db_table = "asset_last_seen"

    def __str__(self) -> str:
        return str(self.asset_id)


class Progress(models.Model):
    """How far fixes have been read; one row. Kept in the transaction of what was made of them."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    bookmark = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "seen_progress"
        constraints = [models.CheckConstraint(name="there_is_one_reader", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.bookmark


class LatePassed(models.Model):
    """Where late fixes of somebody lie in time and place: whoever has drawn conclusions amends them.

    Written in the transaction that reads the fixes, taken away by who reads it. Degrees.
    """

    worker_id = models.BigIntegerField()
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()

    class Meta:
        db_table = "late_passed"

    def __str__(self) -> str:
        return f"{self.worker_id} {self.from_at}"
