"""What the first-run page asks and says."""

from typing import Any

from rest_framework import serializers

from geogrid.setup.imports import KINDS

Serializer = serializers.Serializer[Any]


class SetupCitySerializer(Serializer):
    """Name, codes and zone of the city."""

    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    county_code = serializers.RegexField(r"^[0-9]{4,12}$")
    code_segments = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12),
        min_length=4,
        max_length=4,
        required=False,
        default=[6, 3, 3, 3],
    )
    zone = serializers.CharField(max_length=60)


class AdministratorSerializer(Serializer):
    """The first administrator."""

    username = serializers.CharField(max_length=150)
    display_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    password = serializers.CharField(max_length=200, trim_whitespace=False, style={"input_type": "password"})


class FirstRunSerializer(Serializer):
    """All that the first-run page asks. `key` is needed from another machine."""

    city = SetupCitySerializer()
    administrator = AdministratorSerializer()
    key = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class ItemSerializer(Serializer):
    """One thing that a city needs."""

    key = serializers.CharField()
    done = serializers.BooleanField()
    zh = serializers.CharField()
    en = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class SetupSerializer(Serializer):
    """Where the first run stands. City and checklist are for administrators."""

    needs_setup = serializers.BooleanField()
    key_needed = serializers.BooleanField(help_text="Whether this machine needs the set-up key")
    city = SetupCitySerializer(allow_null=True)
    checklist = ItemSerializer(many=True)


class UploadSerializer(Serializer):
    """A file of the first run."""

    kind = serializers.ChoiceField(choices=KINDS)
    file = serializers.FileField(allow_empty_file=False, max_length=200)


class BroughtInSerializer(Serializer):
    """What an import did."""

    kind = serializers.CharField()
    added = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    links_file = serializers.CharField(
        allow_blank=True, help_text="File on the server with the one-time log-in links of new people"
    )
