"""What every endpoint of the OpenAPI document says alike: how a refusal looks, and which there can be."""

from typing import Any

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
