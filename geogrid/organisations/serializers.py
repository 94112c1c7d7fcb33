"""What the API shows of people and their tokens, and what it takes."""

from rest_framework import serializers

from geogrid.organisations.actions import SCOPES
from geogrid.organisations.models import ApiToken


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token as its owner sees it again later: never the token itself."""

    scopes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        )
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer[None]):
    """What is asked of a new token."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(SCOPES)), allow_empty=False, max_length=len(SCOPES)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class MadeTokenSerializer(TokenSerializer):
    """A token just made: the only time that it is shown."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")


class LoginSerializer(serializers.Serializer[None]):
    """Name and password."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False, style={"input_type": "password"})


class DemoLoginSerializer(serializers.Serializer[None]):
    """One of the invented people of the demonstration."""

    username = serializers.CharField(max_length=150)


class LanguageSerializer(serializers.Serializer[None]):
    """The language in which the pages speak to somebody."""

    language = serializers.ChoiceField(choices=["zh", "en"])
