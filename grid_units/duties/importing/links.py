"""First log-ins: a one-time link for each person without a password, in a file that only its owner reads.

Passwords are never in tables. Whoever imports people hands each their link; it dies when it is used.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from geogrid.organisations.actions import first_login_path
from geogrid.organisations.models import User


def people_without_password(usernames: Iterable[str]) -> list[User]:
    """Those of the people who have not set a password yet, and may log in."""
    people = User.objects.filter(username__in=list(usernames), is_active=True).order_by("username")
    return [user for user in people if not user.has_usable_password()]


def write_links(path: Path, people: Iterable[User], *, address: str) -> int:
    """Write log-in name, name and link of each person; how many there were.

    The file is made anew with mode 0600. `address` is what the server is called from outside.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    written = 0
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["username", "name", "link"])
        for user in people:
            table.writerow([user.username, str(user), address.rstrip("/") + first_login_path(user)])
            written += 1
    return written
