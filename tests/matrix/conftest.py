"""One committed world for the whole matrix: two streets, everybody who could ask, and things to ask for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from tests.matrix.world import World, make_world


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, row_keeper: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    media = tmp_path_factory.mktemp("media")
    backend = "django.core.files.storage.FileSystemStorage"
    photos = {"BACKEND": backend, "OPTIONS": {"location": media}}
    with (
        override_settings(MEDIA_ROOT=media, STORAGES={**settings.STORAGES, "default": photos}),
        django_db_blocker.unblock(),
    ):
        try:
            yield make_world()
        finally:
            row_keeper.restore()
