from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """The change log, its poller and the live feed."""

    name = "geogrid.changes"
    label = "changes"
