from django.apps import AppConfig


class AssetsConfig(AppConfig):
    """Public objects: manholes, lamps, trees..., buildings and streets."""

    name = "assets"

    def ready(self) -> None:
        from assets.photos import models  # noqa: F401  the nested room keeps its tables in this app
