from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register

from assets.cameras.allowing import read_entry


def every_allowed_host_is_one(**kwargs: Any) -> list[Error]:
    """System check: an entry that is misspelt would silently keep its cameras dark."""
    found = []
    for said in settings.CAMERA_HOSTS:
        try:
            read_entry(said)
        except ValueError as error:
            found.append(Error(f"GEOGRID_CAMERA_HOSTS: {error}.", id="cameras.E001"))
    return found


class CamerasConfig(AppConfig):
    """Cameras as assets: what they look at, and their picture."""

    name = "assets.cameras"
    label = "cameras"

    def ready(self) -> None:
        register(every_allowed_host_is_one)
