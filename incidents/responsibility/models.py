"""The responsibility table by editions, and managed areas."""

from datetime import datetime, time
from typing import Any, Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q

from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import Organisation
from incidents.responsibility.deciding import Band, Rule

LEVELS = ["COMMUNITY", "STREET", "DISTRICT"]
LEVEL_CHOICES = [("", "全部 all"), ("COMMUNITY", "社区"), ("STREET", "街道"), ("DISTRICT", "区")]
KIND_CHOICES = [("", "全部 all"), ("asset", "部件 assets"), ("event", "事件 events")]


def every_day() -> list[int]:
    return list(range(7))


class ResponsibilityEdition(models.Model):
    """One change of the table. The newest one is in force."""

    number = models.AutoField(primary_key=True)
    made_at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "responsibility_edition"

    def __str__(self) -> str:
        return f"{self.number} ({self.made_at:%Y-%m-%d}) {self.note}"


class ResponsibilityRuleQuerySet(models.QuerySet["ResponsibilityRule"]):
    """Words for the table."""

    def current(self) -> Self:
        return self.filter(edition_to=None)

    def of_edition(self, number: int) -> Self:
        """The table as it was in one edition."""
        return self.filter(Q(edition_to=None) | Q(edition_to__gt=number), edition_from__lte=number)


class ResponsibilityRule(models.Model):
    """One line of the table (责任判定规则). Never changed: it ends, and another takes its place."""

    edition_from = models.ForeignKey(ResponsibilityEdition, on_delete=models.PROTECT, related_name="began")
    edition_to = models.ForeignKey(
        ResponsibilityEdition, null=True, blank=True, on_delete=models.PROTECT, related_name="ended"
    )
    name = models.CharField(max_length=100, help_text="规则名称，同时有效的不重复 a name of its own")
    priority = models.SmallIntegerField(default=0, help_text="大者优先 the highest fires")
    kind = models.CharField(max_length=5, blank=True, choices=KIND_CHOICES)
    scheme = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=6, blank=True, help_text="小类代码或其开头 a class or its beginning")
    level = models.CharField(max_length=10, blank=True, choices=LEVEL_CHOICES)
    place_code = models.CharField(
        max_length=15, blank=True, help_text="网格编码或其开头 a unit or its beginning"
    )
    asset_unit = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="部件的单位须是它 only for assets that have this unit",
    )
    weekdays = ArrayField(models.SmallIntegerField(), default=every_day, help_text="0 = 周一 Monday")
    starts = models.TimeField(default=time(0))
    ends = models.TimeField(
        default=time(0), help_text="不晚于开始 = 跨零点 not later than the start: over midnight"
    )
    office = models.BooleanField(
        null=True,
        blank=True,
        help_text="仅办公时间 / 仅非办公时间 / 不限 office hours only, others only, both",
    )
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", help_text="主办单位")
    co_handlers: Any = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="+",
        db_table="responsibility_co_handler",
        help_text="协办单位",
    )
    next_unit_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="二次派遣的单位，依次 units asked next, in this order, while it stays unsolved",
    )

    objects = ResponsibilityRuleQuerySet.as_manager()

    class Meta:
        db_table = "responsibility_rule"
        constraints = [
            models.UniqueConstraint(
                name="responsibility_rule_has_a_name_of_its_own",
                fields=["name"],
                condition=Q(edition_to=None),
            ),
            models.CheckConstraint(name="responsibility_rule_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="responsibility_rule_kind_is_known", condition=Q(kind__in=["", "asset", "event"])
            ),
            models.CheckConstraint(
                name="responsibility_rule_level_is_known", condition=Q(level__in=["", *LEVELS])
            ),
            models.CheckConstraint(
                name="responsibility_rule_codes_are_digits",
                condition=Q(code__regex=r"^\d*$", place_code__regex=r"^\d*$"),
            ),
            models.CheckConstraint(
                name="responsibility_rule_holds_on_some_weekday",
                condition=Q(weekdays__contained_by=list(range(7))) & ~Q(weekdays=[]),
            ),
            models.CheckConstraint(
                name="responsibility_rule_ends_after_it_began",
                condition=Q(edition_to=None) | Q(edition_to__gt=F("edition_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def as_rule(self) -> Rule:
        """The line as the rules of deciding.py read it; its co-handlers are to be prefetched."""
        co_handlers = sorted(unit.pk for unit in self.co_handlers.all())
        return Rule(
            name=self.name,
            lead=self.lead_id,
            co_handlers=tuple(pk for pk in co_handlers if pk != self.lead_id),
            priority=self.priority,
            kind=self.kind,
            scheme=self.scheme,
            code=self.code,
            level=self.level,
            place=self.place_code,
            asset_unit=self.asset_unit_id,
            band=Band(frozenset(self.weekdays), self.starts, self.ends, self.office),
            next_units=tuple(self.next_unit_ids),
            pk=self.pk,
        )


class ManagedAreaQuerySet(models.QuerySet["ManagedArea"]):
    """Words for managed areas."""

    def at(self, moment: datetime) -> Self:
        """Those that are valid at a moment, whatever its hour."""
        return self.not_over(moment).filter(valid_from__lte=moment)

    def not_over(self, moment: datetime) -> Self:
        """Those that are valid then or later."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=moment))


class ManagedArea(models.Model):
    """A place where something else holds for some classes and a time (管理区域).

    permit: what is reported is allowed there in its hours, up to so many decibels (a square-dance place).
    notice: it is known and being worked on: tell, let follow, do not file. override: another unit handles it.
    """

    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    effect = models.CharField(
        max_length=8,
        choices=[("permit", "许可 permit"), ("notice", "告知 notice"), ("override", "改派 override")],
    )
    unit_code = models.CharField(max_length=15, help_text="Code of the unit in which the whole area lies")
    geom = models.PolygonField(srid=STORAGE_SRID)
    class_kind = models.CharField(max_length=5, choices=KIND_CHOICES[1:])
    class_codes = ArrayField(
        models.CharField(max_length=6), help_text="小类代码或其开头 classes or beginnings"
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True, help_text="The end excluded; empty: until further")
    weekdays = ArrayField(models.SmallIntegerField(), default=every_day)
    starts = models.TimeField(default=time(0))
    ends = models.TimeField(default=time(0))
    most_db = models.SmallIntegerField(null=True, blank=True, help_text="分贝上限 dB(A), of a permit")
    unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="改派给谁"
    )
    text = models.CharField(max_length=500, blank=True, help_text="告知内容 what people are told")
    text_en = models.CharField(max_length=500, blank=True)
    made_by = models.CharField(max_length=150)

    objects = ManagedAreaQuerySet.as_manager()

    class Meta:
        db_table = "managed_area"
        constraints = [
            models.CheckConstraint(
                name="managed_area_effect_is_known",
                condition=Q(effect__in=["permit", "notice", "override"]),
            ),
            models.CheckConstraint(
                name="managed_area_of_an_override_names_the_unit",
                condition=Q(effect="override", unit__isnull=False) | (~Q(effect="override") & Q(unit=None)),
            ),
            models.CheckConstraint(
                name="managed_area_of_a_notice_says_what_is_known",
                condition=~Q(effect="notice") | ~Q(text=""),
            ),
            models.CheckConstraint(
                name="managed_area_has_decibels_only_as_a_permit",
                condition=Q(most_db=None) | Q(effect="permit", most_db__gte=30, most_db__lte=120),
            ),
            models.CheckConstraint(
                name="managed_area_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="managed_area_kind_is_known", condition=Q(class_kind__in=["asset", "event"])
            ),
            models.CheckConstraint(name="managed_area_is_about_some_class", condition=~Q(class_codes=[])),
            models.CheckConstraint(
                name="managed_area_holds_on_some_weekday",
                condition=Q(weekdays__contained_by=list(range(7))) & ~Q(weekdays=[]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def band(self) -> Band:
        return Band(frozenset(self.weekdays), self.starts, self.ends)

    def is_about(self, kind: str, code: str) -> bool:
        return self.class_kind == kind and any(code.startswith(one) for one in self.class_codes)
