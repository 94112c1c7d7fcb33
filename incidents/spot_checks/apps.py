from django.apps import AppConfig


class SpotChecksConfig(AppConfig):
    """Closed incidents drawn at random and looked at again by superintendents (督察抽查)."""

    name = "incidents.spot_checks"
    label = "spot_checks"
