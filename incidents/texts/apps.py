from django.apps import AppConfig


class TextsConfig(AppConfig):
    """What a reporter is told, by reason (答复口径)."""

    name = "incidents.texts"
    label = "response_texts"
