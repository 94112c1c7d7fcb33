"""What the API shows of personal database roles, and what it takes."""

from rest_framework import serializers

from tiles.gis.actions import DEFAULT_DAYS, MOST_DAYS
from tiles.gis.models import KINDS, AnalystRole


class AnalystRoleSerializer(serializers.ModelSerializer[AnalystRole]):
    """A personal database role, without its password, which nobody knows any more."""

    prefixes = serializers.ListField(
        child=serializers.CharField(), help_text="Beginnings of unit codes that it reaches; empty: all"
    )

    class Meta:
        model = AnalystRole
        fields: tuple[str, ...] = ("id", "role_name", "kind", "prefixes", "made_at", "valid_until")
        read_only_fields = fields


class AnalystRoleOfSerializer(AnalystRoleSerializer):
    """A role as an administrator sees it, with the person."""

    username = serializers.CharField(source="user.username", read_only=True)
    display_name = serializers.CharField(source="user.display_name", read_only=True)

    class Meta(AnalystRoleSerializer.Meta):
        fields = (*AnalystRoleSerializer.Meta.fields, "username", "display_name")


class DatabaseAddressSerializer(serializers.Serializer[None]):
    """Where QGIS finds the database."""

    host = serializers.CharField()
    port = serializers.IntegerField()
    database = serializers.CharField()
    ssl_mode = serializers.CharField(help_text="As libpq's sslmode")
    fingerprint = serializers.CharField(help_text="SHA-256 of the server's certificate; empty on loopback")


class GisAccessSerializer(serializers.Serializer[None]):
    """One's own access: the role, or null where there is none yet, and the address."""

    role = AnalystRoleSerializer(allow_null=True)
    address = DatabaseAddressSerializer()


class NewAccessSerializer(serializers.Serializer[None]):
    """What is asked of a new role."""

    kind = serializers.ChoiceField(choices=KINDS, default="editor")
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DEFAULT_DAYS)


class MadeAccessSerializer(GisAccessSerializer):
    """A role just made: the only time that its password is shown."""

    password = serializers.CharField()
