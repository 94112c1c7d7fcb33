"""The made-up city and its people, as the tests of duties know them."""

from tests.duties.conftest import city, duty, person

__all__ = ["city", "duty", "person"]
