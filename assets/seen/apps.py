from django.apps import AppConfig


class SeenConfig(AppConfig):
    """What patrols have passed: streets bit by bit, and assets."""

    name = "assets.seen"
    label = "seen"
