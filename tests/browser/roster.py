"""The duty list of the served city, changed for one test.

The demo's shifts follow the clock on the wall, so who is on duty depends on when the tests run. A test that
cares says who it is.
"""

from typing import Any


class Roster:
    """Changes who answers for a unit (cell, community), and puts the demo's own list back at the end."""

    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()
        self._made: list[int] = []
        self._taken: list[tuple[int, str]] = []

    def only(self, unit: str, username: str) -> int:
        """From now on this person alone answers for the unit, day and night. Returns the duty's id."""
        self.nobody(unit)
        return self._duty(unit, username)

    def also(self, unit: str, username: str) -> int:
        """This person answers for the unit too. Returns the duty's id."""
        return self._duty(unit, username)

    def every_day(self, duty: int, *, from_h: int, to_h: int) -> None:
        """The duty has a shift every day; full hours on the city's wall, counted from the present one."""
        self._cursor.execute(
            """WITH hour AS (SELECT date_trunc('hour', now() AT TIME ZONE city.zone)::time AS at FROM city)
               INSERT INTO duty_shift (duty_id, weekday, starts, ends)
               SELECT %s, day, at + make_interval(hours => %s), at + make_interval(hours => %s)
               FROM hour, generate_series(0, 6) AS day""",
            [duty, from_h, to_h],
        )

    def nobody(self, unit: str) -> None:
        """Nobody has a duty for exactly this unit any more."""
        self._cursor.execute(
            "DELETE FROM duty_area WHERE unit_code = %s RETURNING duty_id, unit_code", [unit]
        )
        self._taken += [row for row in self._cursor.fetchall() if row[0] not in self._made]

    def shift_ends(self, duty: int, unit: str, then: str, *, in_s: int) -> None:
        """The duty's shift ends in so many seconds, and `then` begins theirs in that moment."""
        following = self._duty(unit, then)
        self._cursor.execute(
            """WITH change AS (
                 SELECT (now() AT TIME ZONE city.zone)::time + make_interval(secs => %s) AS at FROM city
               )
               INSERT INTO duty_shift (duty_id, weekday, starts, ends)
               SELECT %s, day, at - interval '12 hours', at FROM change, generate_series(0, 6) AS day
               UNION ALL
               SELECT %s, day, at, at + interval '12 hours' FROM change, generate_series(0, 6) AS day""",
            [in_s, duty, following],
        )

    def restore(self) -> None:
        """Put back what the demo had."""
        for table in ("substitution", "duty_shift", "duty_area"):
            self._cursor.execute(f"DELETE FROM {table} WHERE duty_id = ANY (%s)", [self._made])
        # A patrol that was walked meanwhile keeps its duty, which has ended then.
        self._cursor.execute("UPDATE duty SET valid_to = now() WHERE id = ANY (%s)", [self._made])
        self._cursor.execute(
            """DELETE FROM duty d
               WHERE id = ANY (%s) AND NOT EXISTS (SELECT FROM patrol p WHERE p.duty_id = d.id)""",
            [self._made],
        )
        for duty, unit in self._taken:
            self._cursor.execute("INSERT INTO duty_area (duty_id, unit_code) VALUES (%s, %s)", [duty, unit])

    def _duty(self, unit: str, username: str) -> int:
        self._cursor.execute(
            """INSERT INTO duty (user_id, role, valid_from, note)
               SELECT p.id, m.role, now() - interval '1 day', ''
               FROM user_account p JOIN membership m ON m.user_id = p.id
               WHERE p.username = %s RETURNING id""",
            [username],
        )
        [[duty]] = self._cursor.fetchall()
        self._made.append(duty)
        self._cursor.execute("INSERT INTO duty_area (duty_id, unit_code) VALUES (%s, %s)", [duty, unit])
        return int(duty)
