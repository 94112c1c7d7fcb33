"""A1: from a clean clone on a bare Debian 12 to the map: the first `make demo`, and the second.

The bare machine is a Debian 12 made by debootstrap in a folder, entered by chroot, with nothing in it but
python3, make, git and this machine's Node: no PostgreSQL, no wheels, no packages. Needs root, debootstrap
and the registries.
Figures: seconds of the first start with every install (at most 480), and seconds of the second until a
tile with cells has been answered (at most 15).
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST_LIMIT_S, SECOND_LIMIT_S = 480, 15
AT = re.compile(r"GeoGrid is at http://127\.0\.0\.1:(\d+)/")
BARE_PACKAGES = "python3 python3-venv make git ca-certificates"


def _run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def make_bare_machine(folder: Path) -> None:
    """A Debian 12 with python3, make, git and this machine's Node, and nothing else."""
    _run("debootstrap", "--variant=minbase", "bookworm", str(folder), stdout=subprocess.DEVNULL)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", folder / "etc" / name)
    for path in Path("/etc/apt/apt.conf.d").iterdir():
        shutil.copy(path, folder / "etc/apt/apt.conf.d")
    _run("mount", "-t", "proc", "proc", str(folder / "proc"))
    (folder / "dev/shm").mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "tmpfs", str(folder / "dev/shm"))
    _inside(folder, f"apt-get update -q && apt-get install -y -q --no-install-recommends {BARE_PACKAGES}")
    shutil.copy(Path(shutil.which("node") or "").resolve(), folder / "usr/bin/node")
    npm = Path(shutil.which("npm") or "").resolve().parents[1]
    shutil.copytree(npm, folder / "usr/lib/node_modules/npm", symlinks=True)
    (folder / "usr/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    shutil.copy(bundle, folder / bundle.relative_to("/"))


def remove_bare_machine(folder: Path) -> None:
    """Unmount what was mounted in it, and remove it only when nothing is mounted any more."""
    for place in ("dev/shm", "proc"):
        subprocess.run(["umount", str(folder / place)], check=False)
    if str(folder) in Path("/proc/mounts").read_text():
        print(f"A1: something is still mounted in {folder}; it is left there")
        return
    shutil.rmtree(folder, ignore_errors=True)


def _inside(folder: Path, command: str) -> None:
    _run(
        "chroot",
        str(folder),
        "bash",
        "-c",
        f"export DEBIAN_FRONTEND=noninteractive; {command}",
        stdout=subprocess.DEVNULL,
    )


def _get(port: int, path: str, token: str = "", cookie: str = "") -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(
        "GET", f"{path}{'?token=' + token if token else ''}", headers={"Cookie": cookie} if cookie else {}
    )
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.getheader("Set-Cookie") or ""


def start_demo(folder: Path, clone: str) -> tuple[subprocess.Popen[str], int, float]:
    """`make demo` in the bare machine: (process, port, seconds until the address was printed)."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["chroot", str(folder), "bash", "-c", f"cd {clone} && exec make demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        print("   |", line.rstrip(), flush=True)
        if found := AT.search(line):
            return process, int(found[1]), time.monotonic() - began
    raise SystemExit(f"A1: make demo ended with {process.wait()} before it named an address")


def first_map(port: int) -> None:
    """Log in as a demo person and fetch a tile of cells, as the map page does.

    Raises:
        SystemExit: when any of it is not answered as it should be.
    """
    status, body, cookies = _get(port, "/api/welcome")
    logins = json.loads(body)["demo_logins"]
    csrf = re.search(r"geogrid_csrf=([^;]+)", cookies)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"}
    if csrf:
        headers |= {"Cookie": f"geogrid_csrf={csrf[1]}", "X-CSRFToken": csrf[1]}
    connection.request("POST", "/api/login/demo", json.dumps({"username": logins[0]["username"]}), headers)
    answer = connection.getresponse()
    answer.read()
    session = re.search(r"geogrid_session=([^;]+)", ",".join(answer.headers.get_all("Set-Cookie") or []))
    if session is None:
        raise SystemExit(f"A1: the demo log-in was answered with {answer.status}")
    cookie = f"geogrid_session={session[1]}"
    token = json.loads(_get(port, "/api/feed-token", cookie=cookie)[1])["token"]
    status, tile, _ = _get(port, "/tiles/cells/14/9327/4742.mvt", token)
    if status != 200 or len(tile) < 200:
        raise SystemExit(f"A1: the tile of central Helsinki was answered with {status}, {len(tile)} bytes")


def stop(process: subprocess.Popen[str]) -> None:
    """Ctrl-C, as a person would."""
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)


def main(small: bool) -> int:
    """Measure both starts; small: only look that what it needs is here."""
    if small:
        needed = [name for name in ("git", "make", "node", "npm") if shutil.which(name) is None]
        print(f"A1 {len(needed)} tools missing, 0 wanted {'short' if needed else 'ok'}")
        return len(needed)
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        print("A1 not measured: needs root and debootstrap short")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="bare-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        make_bare_machine(folder)
        _run("git", "clone", "-q", str(ROOT), str(folder / "srv/geogrid"))
        process, port, first_s = start_demo(folder, "/srv/geogrid")
        first_map(port)
        stop(process)
        began = time.monotonic()
        process, port, _ = start_demo(folder, "/srv/geogrid")
        first_map(port)
        second_s = time.monotonic() - began
        stop(process)
    finally:
        remove_bare_machine(folder)
    good = first_s <= FIRST_LIMIT_S and second_s <= SECOND_LIMIT_S
    figures = f"first {first_s:.0f} s, second to a tile {second_s:.1f} s"
    print(f"A1 {figures} first<={FIRST_LIMIT_S},second<={SECOND_LIMIT_S} {'ok' if good else 'short'}")
    return 0 if good else 1
