"""A street in cell A that is to be patrolled, somebody on duty, and a citizen who reports from beside it."""

from tests.incidents.conftest import city, lasting_city  # noqa: F401 (fixtures)
