from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Problems (案件) followed from the report to the end."""

    name = "incidents"
