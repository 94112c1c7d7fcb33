from django.apps import AppConfig


class PatrolQualityConfig(AppConfig):
    """What patrols missed: citizens' reports judged by who had been there."""

    name = "incidents.patrol_quality"
    label = "patrol_quality"
