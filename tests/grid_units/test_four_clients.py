"""Four clients edit one small grid at once: nobody waits for ever, nothing is lost, the grid stays sound."""

import random
import threading
from contextlib import closing

import psycopg2

from geogrid.embedded.testing import TestDatabase
from tests.grid_units.invariants import coverage, faults_in_codes, faults_inside
from tests.grid_units.made_up_city import fill, made_up_city
from tests.grid_units.random_edits import EDITS, target

CLIENTS = 4
EDITS_EACH = 25

# An edit is refused where another client changed the same ground meanwhile, more often on a busy machine; who
# is refused looks again. About every fourth is, so that twelve in a row would mean that somebody starves.
LOOKS = 12


class Client:
    """Somebody who edits at random and tries again with a fresh look after a refusal."""

    def __init__(self, url: str, seed: int) -> None:
        self.accepted = 0
        self.other_errors: list[str] = []
        self._chance = random.Random(seed)
        self._url = url

    def work(self) -> None:
        with closing(psycopg2.connect(self._url)) as connection:
            for _ in range(EDITS_EACH):
                self.accepted += any(self._accepted(connection) for _ in range(LOOKS))

    def _accepted(self, connection: psycopg2.extensions.connection) -> bool:
        name = self._chance.choice(sorted(EDITS))
        try:
            with connection.cursor() as cursor:
                cell = target(cursor, self._chance)
                transactions = EDITS[name](cell, self._chance, cursor)
                connection.commit()
                for statements in transactions or []:
                    # Attributes and outlines of several cells in one transaction, in any order.
                    cursor.execute("UPDATE cell SET households = 1 WHERE id = %s", [cell.cell_id])
                    for statement in statements:
                        cursor.execute(*statement)
                    cursor.execute("UPDATE grid_unit SET name_en = 'x' WHERE id = %s", [cell.community_id])
                    connection.commit()
        except psycopg2.Error as error:
            connection.rollback()
            if not isinstance(error, psycopg2.errors.CheckViolation):
                self.other_errors.append(f"{error.pgcode} {error}")
            return False
        return transactions is not None


def test_four_clients_at_once_never_deadlock_and_leave_the_grid_sound(
    test_database: TestDatabase, transactional_db: None
) -> None:
    url = test_database.app.url()
    with closing(psycopg2.connect(url)) as watcher:
        cursor = watcher.cursor()
        fill(cursor, made_up_city(8, 6, 4))
        watcher.commit()
        first, _ = coverage(cursor)
        watcher.rollback()

        clients = [Client(url, seed) for seed in range(CLIENTS)]
        threads = [threading.Thread(target=client.work) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        last, faults = coverage(cursor)
        assert [client.other_errors for client in clients] == [[]] * CLIENTS
        assert faults + faults_inside(cursor) + faults_in_codes(cursor) == []
        assert (last.parts, last.holes) == (first.parts, first.holes)
        assert [client.accepted for client in clients] == [EDITS_EACH] * CLIENTS
