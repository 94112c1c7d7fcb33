from django.apps import AppConfig


class TilesConfig(AppConfig):
    """Vector tiles, styles, and what the database publishes (views, functions, grants)."""

    name = "tiles"
