"""What happened, for the live feed and for history. Triggers write both tables; nobody else may.

The tables are made by SQL in the first migration, because `xid8` and the grants have no Django words.
"""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from geogrid.core.geo import TILE_SRID


class Change(models.Model):
    """One statement's change to published rows of one kind.

    The column `xid` (not mapped) is the writing transaction: the poller reads by snapshot, not by id,
    so that a slow transaction is neither missed nor waited for. `refs` is empty when more than 200 rows
    changed; `extent` is the box of what changed, in Web Mercator, for dropping tiles.
    """

    kind = models.CharField(max_length=40)
    op = models.CharField(max_length=6)
    refs = ArrayField(models.TextField())
    units_before = ArrayField(models.CharField(max_length=24))
    units_after = ArrayField(models.CharField(max_length=24))
    extent = models.GeometryField(srid=TILE_SRID, null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "change"
        managed = False

    def __str__(self) -> str:
        return f"{self.op} {self.kind} {', '.join(self.refs)}"


class RowHistory(models.Model):
    """What a row said before somebody changed or deleted it, whoever did it and by whatever road.

    `before` and `after` hold only the columns that differ; `after` is null for a deleted row.
    """

    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    op = models.CharField(max_length=6)
    before = models.JSONField()
    after = models.JSONField(null=True)
    actor = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "row_history"
        managed = False

    def __str__(self) -> str:
        return f"{self.op} {self.table_name} {self.row_id} by {self.actor}"
