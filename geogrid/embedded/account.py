"""Which system account the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from geogrid.embedded.errors import EmbeddedDatabaseError

FALLBACK_ROOT = Path("/var/lib/geogrid")


@dataclass(frozen=True)
class Account:
    """The account of the server process; `entry` is None when it is the caller's own."""

    entry: pwd.struct_passwd | None

    def run(
        self, command: list[str], *, cwd: Path, timeout: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, away from the terminal from the caller's locale and libraries."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "PROJ_", "GDAL_", "LC_")) and name not in ("LANG", "LANGUAGE")
        }
        environment["LC_ALL"] = "C.UTF-8"
        options: dict[str, object] = {}
        if self.entry:
            environment["HOME"] = str(cwd)
            options = {"user": self.entry.pw_uid, "group": self.entry.pw_gid}
            options["extra_groups"] = os.getgrouplist(self.entry.pw_name, self.entry.pw_gid)
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            umask=0o077,
            start_new_session=True,  # Ctrl-C in the caller's terminal must not reach the server
            **options,
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may walk into the folder and all above it."""
        return self.run(["test", "-x", str(folder)], cwd=Path("/")).returncode == 0

    def give(self, path: Path) -> None:
        """Make this account the owner of the path."""
        if self.entry:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)


def server_account() -> Account:
    """The caller, or an unprivileged account when the caller is root: GEOGRID_PG_ACCOUNT, else postgres."""
    if os.geteuid() != 0:
        return Account(entry=None)
    name = os.environ.get("GEOGRID_PG_ACCOUNT", "postgres")
    try:
        return Account(entry=pwd.getpwnam(name))
    except KeyError:
        raise EmbeddedDatabaseError(
            f"PostgreSQL does not run as root, and there is no account '{name}' to run it. "
            "Install the PostgreSQL package, which makes the account postgres, "
            "or name one in GEOGRID_PG_ACCOUNT."
        ) from None
