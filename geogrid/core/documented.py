"""What every endpoint of the OpenAPI document says alike: how a refusal looks, and which there can be."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers

JSON = "application/json"
Refusal = inline_serializer(
    "Refusal",
    {
        "code": serializers.CharField(),
        "detail": serializers.CharField(),
        "fields": serializers.DictField(required=False),
    },
)
# A body that is no JSON, of a type that is not read, or with fields that cannot be taken.
BODY_REFUSED = (400, 415, 422)


def answering(good: dict[Any, Any], *refusals: int) -> dict[Any, Any]:
    """The answers of an endpoint: `good` by status, the refusals named, and the two that all can give."""
    return good | {(status, "application/json"): OpenApiResponse(Refusal) for status in (401, 403, *refusals)}


class ClockTime(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its base is not typed
    """A clock time of the city. JSON Schema's `time` (RFC 3339) has an offset, and clock times have none."""

    target_class = "rest_framework.serializers.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, str]:
        """Text such as 08:00:00."""
        return {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", "example": "08:00:00"}
