"""What the API of claims, bulk dispatch and kept lists takes and shows."""

from typing import Any

from rest_framework import serializers

from incidents.desk.bulk import MOST
from incidents.desk.serializers import DeskQuery
from incidents.loop.serializers import AssignedUnitOut, SendingIn


class ClaimIn(serializers.Serializer[Any]):
    """Claim, renew, or take over."""

    take_over = serializers.BooleanField(required=False, default=False)
    word = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="To whoever has it"
    )


class ClaimOut(serializers.Serializer[Any]):
    """Who has a case in work. Names appear only to those who may see people there."""

    is_claimed = serializers.BooleanField()
    is_mine = serializers.BooleanField()
    by = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    taken_from = serializers.CharField(allow_blank=True, help_text="Who had it before it was taken over")
    taken_from_me = serializers.BooleanField()
    word = serializers.CharField(allow_blank=True)


class BulkDispatchIn(serializers.Serializer[Any]):
    """Which incidents, and which units."""

    numbers = serializers.ListField(
        child=serializers.CharField(max_length=24), min_length=1, max_length=MOST, help_text="Their numbers"
    )
    units = SendingIn(many=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class BulkRefusalOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    detail = serializers.CharField()


class BulkDispatchOut(serializers.Serializer[Any]):
    """Those that were sent, and those that were refused with the reason."""

    sent = serializers.ListField(child=serializers.CharField())
    refused = BulkRefusalOut(many=True)


class ClassChoiceOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)


class SavedFilterIn(serializers.Serializer[Any]):
    """A list to keep."""

    name = serializers.CharField(max_length=60)
    said = DeskQuery(help_text="Queue, order and filters")


class SavedFilterOut(serializers.Serializer[Any]):
    """A list that one keeps."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    said = serializers.DictField(child=serializers.CharField())


class DeskFiltersOut(serializers.Serializer[Any]):
    classes = ClassChoiceOut(many=True)
    units = AssignedUnitOut(many=True)
    saved = SavedFilterOut(many=True)
