from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration city."""

    name = "geogrid.demo"
    label = "demo"
