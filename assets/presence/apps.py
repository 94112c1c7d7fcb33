from django.apps import AppConfig


class PresenceConfig(AppConfig):
    """Where somebody on duty can be on foot within ten minutes."""

    name = "assets.presence"
    label = "presence"
