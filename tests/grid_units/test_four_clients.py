"""Four clients edit one small grid at once: nobody waits for ever, nothing is lost, the grid stays sound."""

import random
import threading

import psycopg2

from geogrid.embedded.testing import TestDatabase
from tests.grid_units.invariants import coverage, faults_in_codes, faults_inside
from tests.grid_units.made_up_city import fill, made_up_city
from tests.grid_units.random_edits import EDITS, target

EDITS_EACH = 25


def test_four_clients_at_once_never_deadlock_and_leave_the_grid_sound(
    test_database: TestDatabase, transactional_db: None
) -> None:
    url = test_database.app.url()
    watcher = psycopg2.connect(url)
    cursor = watcher.cursor()
    fill(cursor, made_up_city(8, 6, 4))
    watcher.commit()
    first, _ = coverage(cursor)
    watcher.rollback()
    other_errors: list[str] = []
    accepted: list[str] = []

    def work(seed: int) -> None:
        connection = psycopg2.connect(url)
        chance = random.Random(seed)
        for _ in range(EDITS_EACH):
            name = chance.choice(sorted(EDITS))
            with connection.cursor() as cursor:
                try:
                    cell = target(cursor, chance)
                    transactions = EDITS[name](cell, chance, cursor)
                    connection.commit()
                    for statements in transactions or []:
                        # Attributes and outlines of several cells in one transaction, in any order.
                        cursor.execute("UPDATE cell SET households = 1 WHERE id = %s", [cell.cell_id])
                        for statement in statements:
                            cursor.execute(*statement)
                        cursor.execute(
                            "UPDATE grid_unit SET name_en = 'x' WHERE id = %s", [cell.community_id]
                        )
                        connection.commit()
                    accepted.append(name)
                except psycopg2.errors.CheckViolation:
                    connection.rollback()
                except psycopg2.Error as error:
                    connection.rollback()
                    other_errors.append(f"{error.pgcode} {error}")
        connection.close()

    clients = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    last, faults = coverage(cursor)
    assert other_errors == []
    assert faults + faults_inside(cursor) + faults_in_codes(cursor) == []
    assert (last.parts, last.holes) == (first.parts, first.holes)
    assert len(accepted) > 4 * EDITS_EACH * 0.7
    watcher.close()
