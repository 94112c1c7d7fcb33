from django.apps import AppConfig


class ClocksConfig(AppConfig):
    """Time limits: the calendar of the city, and the clocks that run by it."""

    name = "incidents.clocks"
    label = "clocks"
