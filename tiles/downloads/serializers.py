"""What the API takes and shows of downloads."""

from typing import Any, ClassVar

from rest_framework import serializers

from tiles.downloads.formats import Format
from tiles.downloads.models import Download


class NewDownloadIn(serializers.Serializer[Any]):
    """What somebody wants: a layer, a format, and which of its features."""

    layer = serializers.CharField(
        max_length=60, help_text="A collection of /ogc/collections, or `desk`: a list of the desk"
    )
    format = serializers.ChoiceField([one.value for one in Format])
    bbox = serializers.CharField(max_length=200, required=False, help_text="West,south,east,north in degrees")
    datetime = serializers.CharField(max_length=80, required=False)
    filter = serializers.CharField(max_length=8000, required=False, help_text="CQL2 text")
    list = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        help_text="For a list (layer `desk`): how it is asked for, as in its own address",
    )


class DownloadOut(serializers.ModelSerializer[Download]):
    """A download and how far it is."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    query = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Download
        fields: ClassVar = [
            "id", "layer", "format", "query", "state", "rows_expected", "rows_written", "bytes", "problem",
            "asked_at", "ready_at", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields
