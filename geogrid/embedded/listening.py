"""A door for analysts: the private cluster listens on one more address, encrypted, for their roles alone."""

import hashlib
import ipaddress
import shutil
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from geogrid.embedded.account import server_account
from geogrid.embedded.bootstrap import DATABASE
from geogrid.embedded.cluster import Cluster
from geogrid.embedded.errors import EmbeddedDatabaseError
from geogrid.embedded.paths import cluster_root
from geogrid.embedded.state import load_state
from geogrid.embedded.tuning import CERTIFICATE, KEY
from geogrid.embedded.urls import uses_foreign_database

ANALYSTS = "geogrid_gis_reader"
DAYS = 3650
_BEGIN = "# geogrid db listen: written by GeoGrid, taken away by --stop"
_END = "# geogrid db listen: end"
_RULE = f"hostssl {DATABASE} +{ANALYSTS} all scram-sha-256"


@dataclass(frozen=True)
class Door:
    """An address that analysts reach, and the SHA-256 of the certificate that they find there."""

    address: str
    port: int
    fingerprint: str


def analysts_door(root: Path | None = None) -> Door | None:
    """The door of the private cluster, or None when it is shut or the database is another's."""
    if root is None and uses_foreign_database():
        return None
    state = load_state(root or cluster_root())
    if state is None or not state.listens:
        return None
    return Door(state.listens, state.port, _fingerprint(Path(state.data).parent / CERTIFICATE))


def open_door(cluster: Cluster, address: str) -> Door:
    """Listen on `address` too, for analysts: TLS, SCRAM, and no role but theirs. Restarts the server.

    Everybody else stays on loopback. The certificate is made once and kept beside the data.

    Raises:
        EmbeddedDatabaseError: when the address is none of this machine.
    """
    wanted = _checked(address)
    with cluster.locked():
        state = cluster.state()
        data = Path(state.data)
        _make_certificate(data.parent, wanted)
        _write_rules(data / "pg_hba.conf", is_open=True)
        state.listens = wanted
        state.save(cluster.root)
    cluster.restart()
    door = analysts_door(cluster.root)
    if door is None:
        raise EmbeddedDatabaseError("The door was shut again meanwhile.")
    return door


def shut_door(cluster: Cluster) -> bool:
    """Loopback only, as at first; False when no door was open. Restarts the server."""
    with cluster.locked():
        state = cluster.state()
        if not state.listens:
            return False
        _write_rules(Path(state.data) / "pg_hba.conf", is_open=False)
        state.listens = ""
        state.save(cluster.root)
    cluster.restart()
    return True


def _checked(address: str) -> str:
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        raise EmbeddedDatabaseError(
            f"'{address}' is no IP address. Name one of this machine, such as 192.168.1.10."
        ) from None
    if wanted == ipaddress.ip_address("127.0.0.1"):
        raise EmbeddedDatabaseError("The database listens on 127.0.0.1 always: name another address.")
    family = socket.AF_INET6 if wanted.version == 6 else socket.AF_INET
    with socket.socket(family) as trial:
        try:
            trial.bind((str(wanted), 0))
        except OSError:
            raise EmbeddedDatabaseError(f"{wanted} is no address of this machine.") from None
    return str(wanted)


def _make_certificate(home: Path, address: str) -> None:
    """A certificate of our own: analysts compare its fingerprint, or pin it as sslrootcert."""
    if (home / CERTIFICATE).exists() and (home / KEY).exists():
        return
    openssl = shutil.which("openssl")
    if openssl is None:
        raise EmbeddedDatabaseError("To make a certificate, install the package openssl.")
    account = server_account()
    made = account.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", str(DAYS), "-subj", "/CN=GeoGrid database", "-addext", f"subjectAltName=IP:{address}",
            "-keyout", str(home / KEY), "-out", str(home / CERTIFICATE),
        ],
        cwd=home,
    )  # fmt: skip
    if made.returncode:
        raise EmbeddedDatabaseError(f"The certificate could not be made: {made.stderr.strip()}")
    (home / KEY).chmod(0o600)
    (home / CERTIFICATE).chmod(0o644)


def _write_rules(file: Path, *, is_open: bool) -> None:
    """Put our lines at the end of pg_hba.conf, or take them away; the others are the operator's."""
    kept, inside = [], False
    for line in file.read_text().splitlines():
        inside = inside or line == _BEGIN
        if not inside:
            kept.append(line)
        inside = inside and line != _END
    if is_open:
        kept += [_BEGIN, _RULE, _END]
    file.write_text("\n".join(kept) + "\n")


def _fingerprint(certificate: Path) -> str:
    try:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest().upper()
    except (OSError, ValueError):
        return ""
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
