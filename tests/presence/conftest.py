"""The city of four cells, a street through two of them, and houses beside it."""

from tests.incidents.conftest import city, lasting_city  # noqa: F401 (fixtures)
