from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The lowest room: coordinate systems, errors, actor, and the city's own row."""

    name = "geogrid.core"
    label = "core"

    def ready(self) -> None:
        from geogrid.core import checks  # noqa: F401
        from geogrid.core.importing import models  # noqa: F401  nested: its tables belong to this app
