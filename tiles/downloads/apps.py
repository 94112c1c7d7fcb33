from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    """Whole layers as files (下载), made by the worker."""

    name = "tiles.downloads"
    label = "downloads"
