from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TilesConfig(AppConfig):
    """Vector tiles, styles, and what the database publishes (views, functions, grants)."""

    name = "tiles"

    def ready(self) -> None:
        from tiles.publish import publish_after_migrate
        from tiles.qgis.keeping import keep_after_migrate

        # Not a signal between apps: the migrate command itself says that the tables are up to date.
        post_migrate.connect(publish_after_migrate, sender=self, dispatch_uid="tiles.publish")
        post_migrate.connect(keep_after_migrate, sender=self, dispatch_uid="tiles.qgis")
