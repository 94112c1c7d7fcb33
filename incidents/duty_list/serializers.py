"""What the API shows of the duty list, and what it is asked."""

from typing import Any

from rest_framework import serializers

from assets import catalogue
from geogrid.organisations.models import Organisation
from incidents.clocks.limits import Limit, LimitError, parse
from incidents.clocks.serializers import LimitOut
from incidents.duty_list.comparing import Changed, Kept
from incidents.duty_list.conditions import EVIDENCE_ROLES, ClassKind, Origin, UnitRule
from incidents.duty_list.sheet import Line, Mistake

KINDS = [kind.value for kind in ClassKind]


class ListQuery(serializers.Serializer[Any]):
    """Which part of the list; without anything, all of it."""

    q = serializers.CharField(
        required=False, max_length=100, help_text="Words in Chinese or English: class or condition"
    )
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    code = serializers.RegexField(r"^\d{1,6}$", required=False, help_text="A class, or its beginning")
    edition = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="The list as it was in this edition"
    )


class FilingConditionOut(serializers.Serializer[Any]):
    """When the class is filed, and what then holds."""

    id = serializers.IntegerField(source="pk")
    text_zh = serializers.CharField(source="text")
    text_en = serializers.CharField(allow_blank=True)
    closing_zh = serializers.CharField(source="closing")
    closing_en = serializers.CharField(allow_blank=True)
    limit = LimitOut()
    report_photos = serializers.ListField(child=serializers.ChoiceField(choices=EVIDENCE_ROLES))
    result_photos = serializers.ListField(child=serializers.ChoiceField(choices=EVIDENCE_ROLES))
    legal_basis_zh = serializers.CharField(source="legal_basis", allow_blank=True)
    legal_basis_en = serializers.CharField(allow_blank=True)
    standard_zh = serializers.CharField(source="standard", allow_blank=True)
    standard_en = serializers.CharField(allow_blank=True)
    unit_rule = serializers.ChoiceField(choices=[one.value for one in UnitRule])
    handling_unit = serializers.CharField(source="handling_unit_text", allow_blank=True)
    handling_unit_id = serializers.IntegerField(allow_null=True)
    authority = serializers.CharField(source="authority_text", allow_blank=True)
    is_self_governed = serializers.BooleanField()
    origin = serializers.ChoiceField(
        choices=[one.value for one in Origin], help_text="default: ours, made from the class alone"
    )
    pack = serializers.CharField(allow_blank=True)


class DutyClassOut(serializers.Serializer[Any]):
    """A class with its conditions."""

    kind = serializers.ChoiceField(choices=KINDS)
    scheme = serializers.CharField()
    version = serializers.CharField()
    code = serializers.CharField()
    major_zh = serializers.CharField(source="major_name")
    major_en = serializers.CharField(source="major_name_en")
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField()
    conditions = FilingConditionOut(many=True)


class DutyListOut(serializers.Serializer[Any]):
    edition = serializers.IntegerField(help_text="0 before the first")
    count = serializers.IntegerField(help_text="Classes that were found")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = DutyClassOut(many=True)


class ConditionVersionOut(FilingConditionOut):
    """A condition of now or of before."""

    edition_from = serializers.IntegerField(source="edition_from_id")
    began_at = serializers.DateTimeField(source="edition_from.made_at")
    edition_to = serializers.IntegerField(source="edition_to_id", allow_null=True)
    ended_at = serializers.DateTimeField(source="edition_to.made_at", allow_null=True, default=None)


class ClassQuery(serializers.Serializer[Any]):
    """One class."""

    kind = serializers.ChoiceField(choices=KINDS)
    scheme = serializers.RegexField(r"^[a-z0-9-]{1,60}$", default=catalogue.SCHEME)
    version = serializers.RegexField(r"^[a-z0-9.-]{1,20}$", default=catalogue.VERSION)
    code = serializers.RegexField(r"^\d{4,6}$")


class DutyListEditionOut(serializers.Serializer[Any]):
    """One change of the list."""

    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    actor = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    began = serializers.IntegerField(help_text="How many conditions began with it")
    ended = serializers.IntegerField(help_text="How many conditions ended with it")


def _long_text(**how: Any) -> serializers.CharField:
    return serializers.CharField(max_length=2000, **how)


def _photos(*, default: list[str]) -> Any:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=EVIDENCE_ROLES), default=default, max_length=5
    )


class ConditionIn(serializers.Serializer[Any]):
    """All that a condition says besides its class."""

    text_zh = _long_text(source="text")
    text_en = _long_text(default="", allow_blank=True)
    closing_zh = _long_text(source="closing")
    closing_en = _long_text(default="", allow_blank=True)
    limit = serializers.CharField(max_length=40, help_text="In words: 2小时, 4工作时, 5 working days, 立即")
    report_photos = _photos(default=["near", "far"])
    result_photos = _photos(default=["after"])
    legal_basis_zh = _long_text(source="legal_basis", default="", allow_blank=True)
    legal_basis_en = _long_text(default="", allow_blank=True)
    standard_zh = _long_text(source="standard", default="", allow_blank=True)
    standard_en = _long_text(default="", allow_blank=True)
    handling_unit_id = serializers.PrimaryKeyRelatedField(
        queryset=Organisation.objects.filter(is_active=True),
        allow_null=True,
        default=None,
        help_text="The unit that the list names; null: by the responsibility table",
    )
    authority = serializers.CharField(
        source="authority_text", max_length=200, default="", allow_blank=True, help_text="主管部门"
    )
    is_self_governed = serializers.BooleanField(default=False)

    def validate_limit(self, words: str) -> Limit:
        try:
            return parse(words)
        except LimitError as error:
            raise serializers.ValidationError(str(error)) from error


class NewConditionIn(ConditionIn, ClassQuery):
    """A condition to be added to a class."""


class ImportIn(serializers.Serializer[Any]):
    """A city's list as an Excel file. Without `apply` nothing is written: only told what would be."""

    file = serializers.FileField(allow_empty_file=False, max_length=200)
    scheme = serializers.RegexField(r"^[a-z0-9-]{1,60}$", default=catalogue.SCHEME)
    version = serializers.RegexField(r"^[a-z0-9.-]{1,20}$", default=catalogue.VERSION)
    usual_kind = serializers.ChoiceField(
        choices=KINDS, default=ClassKind.EVENT.value, help_text="Where the sheet's name does not tell it"
    )
    apply = serializers.BooleanField(default=False)
    end_gone = serializers.BooleanField(
        default=False, help_text="Conditions that the file does not list end; else they stay in force"
    )
    take_good = serializers.BooleanField(
        default=False, help_text="Take what is right although cells are wrong"
    )
    edition = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The edition of the preview that was looked at",
    )


class MistakeOut(serializers.Serializer[Mistake]):
    sheet = serializers.CharField()
    cell = serializers.CharField()
    zh = serializers.CharField()
    en = serializers.CharField()


class ListedClassOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    code = serializers.CharField()
    major_name = serializers.CharField()
    name = serializers.CharField()


class NewConditionOut(serializers.Serializer[Line]):
    sheet = serializers.CharField()
    row = serializers.IntegerField()
    code = serializers.CharField(source="of_class.code")
    text = serializers.CharField(source="condition.text")
    limit = LimitOut(source="condition.limit")


class GoneConditionOut(serializers.Serializer[Kept]):
    id = serializers.IntegerField(source="pk")
    code = serializers.SerializerMethodField()
    text = serializers.CharField(source="condition.text")
    limit = LimitOut(source="condition.limit")

    def get_code(self, kept: Kept) -> str:
        return kept.key[1]


class ChangedConditionOut(serializers.Serializer[Changed]):
    row = serializers.IntegerField(source="line.row")
    columns = serializers.ListField(child=serializers.CharField())
    before = GoneConditionOut(source="kept")
    closing = serializers.CharField(source="becomes.closing")
    limit = LimitOut(source="becomes.limit")
    handling_unit = serializers.CharField(source="becomes.handling_unit_text", allow_blank=True)
    authority = serializers.CharField(source="becomes.authority_text", allow_blank=True)


class ImportOut(serializers.Serializer[Any]):
    """What the file changes: all of it when applied, else what it would."""

    edition = serializers.IntegerField(help_text="That the file was compared with")
    applied = serializers.IntegerField(allow_null=True, help_text="The edition that was made; null: nothing")
    sha256 = serializers.CharField()
    unchanged = serializers.IntegerField()
    new_classes = ListedClassOut(many=True)
    new = NewConditionOut(many=True)
    changed = ChangedConditionOut(many=True)
    gone = GoneConditionOut(many=True)
    held = serializers.ListField(
        child=serializers.CharField(), help_text="Classes left alone because a cell of theirs is wrong"
    )
    mistakes = MistakeOut(many=True)
    unknown_units = serializers.ListField(
        child=serializers.CharField(), help_text="Units of the file that no unit here is called; kept as text"
    )


class PackOut(serializers.Serializer[Any]):
    """A class pack: classes and conditions that come and go as one."""

    slug = serializers.CharField()
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField()
    classes = serializers.IntegerField()
    conditions = serializers.IntegerField()
    is_installed = serializers.BooleanField()
