"""The clock works on the city of four cells."""

from tests.incidents.conftest import city, lasting_city

__all__ = ["city", "lasting_city"]
