from django.apps import AppConfig


class AutomaticConfig(AppConfig):
    """Filing without a person, for classes and channels that are trusted (自动立案)."""

    name = "incidents.automatic"
    label = "automatic_filing"
