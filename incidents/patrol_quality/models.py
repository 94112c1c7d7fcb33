"""How long problems can be seen, whose reports are citizens', and how these were judged."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q

from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import EVERYWHERE, scopes_of, under
from incidents.models import Incident


class LookBack(models.Model):
    """How many hours before a report a patrol could have seen such a problem (回看时长); 0: never.

    kind: asset, event, or empty for all classes; code: a class or the beginning of its code.
    """

    kind = models.CharField(
        max_length=5, blank=True, choices=[("", "all"), ("asset", "部件"), ("event", "事件")]
    )
    scheme = models.CharField(max_length=60, blank=True, help_text="Empty: of every scheme")
    code = models.CharField(max_length=6, blank=True)
    hours = models.FloatField()
    note = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "patrol_look_back"
        constraints = [
            models.UniqueConstraint(
                name="patrol_look_back_is_listed_once", fields=["kind", "scheme", "code"]
            ),
            models.CheckConstraint(
                name="patrol_look_back_is_at_most_a_week", condition=Q(hours__gte=0, hours__lte=168)
            ),
            models.CheckConstraint(
                name="patrol_look_back_kind_is_known", condition=Q(kind__in=["", "asset", "event"])
            ),
            models.CheckConstraint(
                name="patrol_look_back_for_all_has_no_code", condition=~Q(kind="") | Q(scheme="", code="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind or 'all'} {self.code}: {self.hours} h"


class CitizenChannel(models.Model):
    """A way in by which citizens report. What comes by another is nobody's miss."""

    channel = models.CharField(max_length=30, primary_key=True)
    note = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "citizen_channel"

    def __str__(self) -> str:
        return self.channel


class JudgementQuerySet(models.QuerySet["Judgement"]):
    """Words for lists of judgements."""

    def visible_to(self, user: User) -> Self:
        """Where the person may see positions, and what is said of the person."""
        prefixes = scopes_of(user).prefixes(Action.SEE_POSITIONS)
        if EVERYWHERE in prefixes:
            return self.all()
        return self.filter(under(prefixes, "incident__unit_code") | Q(worker_id=user.pk))


class Judgement(models.Model):
    """Whether a patrol should have found what a citizen reported: miss, gap or neither (漏报/漏巡/无责).

    `way`: the track around the pass, [longitude, latitude, Unix seconds]. Late fixes amend it until it is
    settled. `class_key` and `place` are what was judged: when the incident's differ, it is judged again.
    """

    incident = models.OneToOneField(
        Incident, on_delete=models.CASCADE, primary_key=True, related_name="judgement"
    )
    verdict = models.CharField(max_length=8)
    because = models.CharField(max_length=20)
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    place = models.PointField(srid=STORAGE_SRID, null=True, spatial_index=False)
    class_key = models.CharField(max_length=80, blank=True)
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="judgements"
    )
    nearest_at = models.DateTimeField(null=True)
    nearest_m = models.FloatField(null=True)
    way = models.JSONField(default=list)
    passed_by_others = models.BooleanField(default=False)
    earlier = models.ForeignKey(
        Incident, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    judged_at = models.DateTimeField()
    first_verdict = models.CharField(max_length=8, help_text="Before late data amended it")
    is_stale = models.BooleanField(default=False, db_default=False)
    is_settled = models.BooleanField(default=False, db_default=False)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        db_table = "patrol_judgement"
        indexes = [
            models.Index(fields=["window_to"], name="patrol_judgement_open", condition=Q(is_settled=False)),
            models.Index(fields=["window_to", "verdict"], name="patrol_judgement_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="patrol_judgement_is_known", condition=Q(verdict__in=["miss", "gap", "neither"])
            ),
            models.CheckConstraint(
                name="patrol_judgement_of_a_miss_names_who_and_when",
                condition=~Q(verdict="miss")
                | Q(worker__isnull=False, nearest_at__isnull=False, nearest_m__lte=20),
            ),
            models.CheckConstraint(
                name="patrol_judgement_window_has_an_end", condition=Q(window_to__gte=F("window_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.verdict}"
