"""The duty list (立案标准) by editions: no condition is changed, a later edition holds another instead."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5

from assets.models import AssetClass
from geogrid.organisations.models import Organisation
from incidents.clocks.limits import Limit, LimitKind
from incidents.duty_list.conditions import EVIDENCE_ROLES, Origin, UnitRule
from incidents.models import EventClass

KIND_CHOICES = [
    (LimitKind.CONTINUOUS_HOUR.value, "小时 continuous hours"),
    (LimitKind.CONTINUOUS_DAY.value, "天 continuous days"),
    (LimitKind.WORKING_HOUR.value, "工作时 working hours"),
    (LimitKind.WORKING_DAY.value, "工作日 working days"),
]


class DutyListEdition(models.Model):
    """One change of the duty list: who made it, when and from what. The newest one is in force."""

    number = models.AutoField(primary_key=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "duty_list_edition"

    def __str__(self) -> str:
        return f"{self.number} ({self.made_at:%Y-%m-%d}) {self.note}"


class FilingConditionQuerySet(models.QuerySet["FilingCondition"]):
    """Words for the duty list."""

    def current(self) -> Self:
        """What new incidents are filed under."""
        return self.filter(edition_to=None)

    def of_edition(self, number: int) -> Self:
        """The list as it was in one edition."""
        return self.filter(
            Q(edition_to=None) | Q(edition_to__gt=number),
            edition_from__lte=number,
        )

    def of_class(self, one: AssetClass | EventClass) -> Self:
        return self.filter(asset_class=one) if isinstance(one, AssetClass) else self.filter(event_class=one)

    def saying(self, words: str) -> Self:
        """Whose class or text holds every one of the words, in Chinese or English."""
        rows = self
        for word in words.split():
            found = Q(text__icontains=word) | Q(text_en__icontains=word)
            for kind in ("event_class", "asset_class"):
                found |= Q(**{f"{kind}__name__icontains": word}) | Q(**{f"{kind}__name_en__icontains": word})
                found |= Q(**{f"{kind}__major_name__icontains": word}) | Q(
                    **{f"{kind}__code__startswith": word}
                )
            rows = rows.filter(found)
        return rows

    def with_class(self) -> Self:
        return self.select_related("asset_class", "event_class", "handling_unit")


class FilingCondition(models.Model):
    """When a class is filed (立案条件), and what then holds: limit, closing condition, evidence, unit."""

    edition_from = models.ForeignKey(DutyListEdition, on_delete=models.PROTECT, related_name="began")
    edition_to = models.ForeignKey(
        DutyListEdition, null=True, blank=True, on_delete=models.PROTECT, related_name="ended"
    )
    asset_class = models.ForeignKey(
        AssetClass, null=True, blank=True, on_delete=models.PROTECT, related_name="filing_conditions"
    )
    event_class = models.ForeignKey(
        EventClass, null=True, blank=True, on_delete=models.PROTECT, related_name="filing_conditions"
    )
    place_in_class = models.SmallIntegerField(default=1, help_text="显示顺序 order in the class")
    text = models.TextField()
    text_en = models.TextField(blank=True)
    closing = models.TextField(help_text="结案条件")
    closing_en = models.TextField(blank=True)
    amount = models.DecimalField(
        max_digits=12, decimal_places=6, help_text="0 小时 = 立即；0 continuous hours: at once"
    )
    kind = models.CharField(max_length=20, choices=KIND_CHOICES)
    report_photos = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    result_photos = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    legal_basis = models.TextField(blank=True, help_text="法律依据")
    legal_basis_en = models.TextField(blank=True)
    standard = models.TextField(blank=True, help_text="处置标准 handling standard")
    standard_en = models.TextField(blank=True)
    unit_rule = models.CharField(
        max_length=10, default=UnitRule.BY_TABLE.value, choices=[(one.value, one.value) for one in UnitRule]
    )
    handling_unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    handling_unit_text = models.CharField(max_length=200, blank=True, help_text="处置单位, as written")
    authority_text = models.CharField(max_length=200, blank=True, help_text="主管部门, as written")
    is_self_governed = models.BooleanField(default=False, help_text="社区自治 community phase first")
    origin = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Origin])
    pack = models.CharField(max_length=40, blank=True, help_text="Class pack that it belongs to")

    objects = FilingConditionQuerySet.as_manager()

    class Meta:
        db_table = "filing_condition"
        constraints = [
            models.CheckConstraint(
                name="filing_condition_is_of_one_class",
                condition=Q(asset_class=None, event_class__isnull=False)
                | Q(asset_class__isnull=False, event_class=None),
            ),
            models.UniqueConstraint(
                "asset_class",
                MD5("text"),  # a text can be longer than an index takes
                name="filing_condition_stands_once_in_its_asset_class",
                condition=Q(edition_to=None),
            ),
            models.UniqueConstraint(
                "event_class",
                MD5("text"),
                name="filing_condition_stands_once_in_its_event_class",
                condition=Q(edition_to=None),
            ),
            models.CheckConstraint(
                name="filing_condition_says_when_and_until_when", condition=~Q(text="") & ~Q(closing="")
            ),
            models.CheckConstraint(
                name="filing_condition_limit_is_positive_or_at_once",
                condition=Q(amount__gt=0) | Q(amount=0, kind=LimitKind.CONTINUOUS_HOUR.value),
            ),
            models.CheckConstraint(
                name="filing_condition_limit_kind_is_known",
                condition=Q(kind__in=[kind.value for kind in LimitKind]),
            ),
            models.CheckConstraint(
                name="filing_condition_photo_roles_are_known",
                condition=Q(report_photos__contained_by=EVIDENCE_ROLES)
                & Q(result_photos__contained_by=EVIDENCE_ROLES),
            ),
            models.CheckConstraint(
                name="filing_condition_ends_after_it_began",
                condition=Q(edition_to=None) | Q(edition_to__gt=F("edition_from")),
            ),
            models.CheckConstraint(
                name="filing_condition_names_its_unit_where_the_rule_says_so",
                condition=~Q(unit_rule=UnitRule.NAMED.value) | Q(handling_unit__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_class.code} {self.text[:40]} {self.limit.zh}"

    @property
    def of_class(self) -> AssetClass | EventClass:
        found = self.asset_class or self.event_class
        if found is None:
            raise ValueError("a filing condition is of one class")  # the database keeps that
        return found

    @property
    def limit(self) -> Limit:
        return Limit(self.amount, LimitKind(self.kind))
