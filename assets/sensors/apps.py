from django.apps import AppConfig


class SensorsConfig(AppConfig):
    """Stations that measure, what they say, alarms, and waterlogging points."""

    name = "assets.sensors"
    label = "sensors"
