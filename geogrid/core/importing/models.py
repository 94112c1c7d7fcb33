"""One row per run of an import, and one per row of the file that was refused or repaired."""

from enum import StrEnum
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from geogrid.core.geo import STORAGE_SRID


class RunState(StrEnum):
    """Life of a run. One that was killed stays `running`, without anybody holding its lock."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Words for lists of runs."""

    def unfinished(self, *, kind: str, dataset: str, fingerprint: str) -> Self:
        """Runs of the same file with the same options that did not come to their end."""
        return self.filter(kind=kind, dataset=dataset, fingerprint=fingerprint).exclude(state="done")


class ImportRun(models.Model):
    """One run of an import. `batches_done` counts whole batches whose transaction was committed."""

    kind = models.CharField(max_length=20, help_text="grid, assets, roads, buildings, organisations...")
    dataset = models.CharField(max_length=100, help_text="The data source that the rows belong to")
    file_name = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file's bytes and the options")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="running")
    batch_size = models.PositiveIntegerField()
    batches_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0, help_text="Rows that are not what is imported")
    refused = models.PositiveIntegerField(default=0)
    repaired = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(null=True)
    seen = models.BinaryField(
        default=bytes,
        help_text="Sorted 64-bit digests of the source ids of a finished run: what the next one misses",
    )
    missing_fields = ArrayField(models.CharField(max_length=40), default=list)
    message = models.TextField(blank=True, default="")
    actor = models.TextField()
    started_at = models.DateTimeField(default=timezone.now)
    beat_at = models.DateTimeField(default=timezone.now, help_text="Of the last batch")
    finished_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        app_label = "core"
        db_table = "import_run"
        indexes = [models.Index(fields=["fingerprint"], name="import_run_of_file")]
        constraints = [
            models.CheckConstraint(
                name="import_run_state_is_known", condition=Q(state__in=["running", "done", "failed"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name} {self.state}"


class ImportFinding(models.Model):
    """A row of the file that was refused or repaired, or a thing that has vanished from it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="findings")
    severity = models.CharField(max_length=10, help_text="refused, repaired or vanished")
    layer = models.CharField(max_length=100, blank=True, default="")
    row = models.PositiveIntegerField(null=True, help_text="Number of the row in its layer, the first is 1")
    source_id = models.CharField(max_length=100, blank=True, default="")
    reason_zh = models.CharField(max_length=300)
    reason_en = models.CharField(max_length=300)
    advice_zh = models.CharField(max_length=300)
    advice_en = models.CharField(max_length=300)
    place = models.GeometryField(srid=STORAGE_SRID, null=True, spatial_index=False)
    found_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        app_label = "core"
        db_table = "import_finding"
        constraints = [
            models.CheckConstraint(
                name="import_finding_severity_is_known",
                condition=Q(severity__in=["refused", "repaired", "vanished"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.row} {self.reason_en}"
