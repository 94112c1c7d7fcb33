"""Who is acting, told to the database so that history, steps and policies know it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from django.db import connection, transaction


class Actor(Protocol):
    """Whoever acts: a user, or the clock and the importer under a name of their own."""

    def get_username(self) -> str: ...


class System:
    """The system itself acting, under a plain name such as `clock` or `import`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_username(self) -> str:
        return self.name


def name_actor(actor: Actor) -> None:
    """Name the actor for the rest of this transaction (`core.actor()` in SQL).

    Raises:
        TransactionManagementError: outside a transaction, where the name would not last.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("name_actor needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('geogrid.actor', %s, true)", [actor.get_username()])


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """One transaction in which the database knows the actor."""
    with transaction.atomic():
        name_actor(actor)
        yield
