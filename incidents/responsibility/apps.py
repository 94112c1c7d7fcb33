from django.apps import AppConfig


class ResponsibilityConfig(AppConfig):
    """Which unit is to handle what, where and when; and the areas where something else holds."""

    name = "incidents.responsibility"
    label = "responsibility"
