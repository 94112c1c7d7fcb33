"""What the API shows of the rules of the check and of incidents by cell."""

from typing import Any, ClassVar

from rest_framework import serializers

from grid_units.workshop.models import CheckRules


class CheckRulesSerializer(serializers.ModelSerializer[CheckRules]):
    """Bounds of the check, and the responsibility grids."""

    grids = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        read_only=True,
        help_text="Unit codes of each responsibility grid on your ground",
    )

    class Meta:
        model = CheckRules
        fields: ClassVar = [
            "least_households", "most_households", "least_area_m2", "least_width_m", "least_compactness",
            "street_within_m", "least_street_share", "grids",
        ]  # fmt: skip
        read_only_fields = fields


class StatisticsAsked(serializers.Serializer[Any]):
    """Which incidents, and into which cells."""

    since = serializers.DateTimeField(help_text="Reported from then on")
    until = serializers.DateTimeField(help_text="Reported before then")
    cells = serializers.ChoiceField(
        ["was", "is"], default="was", help_text="As it was, or the cells of today"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The period has a length."""
        if attrs["since"] >= attrs["until"]:
            raise serializers.ValidationError(
                {"until": ["The period must end after it begins. 结束时间必须晚于开始时间。"]}
            )
        return attrs


class CellIncidentsSerializer(serializers.Serializer[Any]):
    """Incidents of one cell in a period."""

    code = serializers.CharField(allow_blank=True, help_text="Empty: ground that no cell has")
    received = serializers.IntegerField()
    filed = serializers.IntegerField(help_text="Of those received, filed so far")
    closed = serializers.IntegerField(help_text="Of those received, closed so far")
