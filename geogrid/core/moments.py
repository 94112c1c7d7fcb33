"""A moment that somebody asks to see again: replay (回放) reaches back so far, and no further."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from rest_framework import serializers

REACH: Final = timedelta(days=30)


class MomentQuery(serializers.Serializer[Any]):
    """A moment of the last thirty days."""

    at = serializers.DateTimeField()

    def validate_at(self, at: Any) -> Any:
        now = timezone.now()
        if not now - REACH <= at <= now + timedelta(minutes=1):
            raise serializers.ValidationError(
                "只能回放最近 30 天。Replay reaches back thirty days and not into the future."
            )
        return at
