from django.apps import AppConfig


class TerrainConfig(AppConfig):
    """The ground itself (地形): terrain models, where water gathers, what a level of water covers."""

    name = "assets.terrain"
    label = "terrain"
