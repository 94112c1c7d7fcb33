"""A real mosquitto of the tests' own."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.asgi.running import free_port

PASSWORD = "a-password-that-no-log-may-hold"


class Mosquitto:
    """A broker of the tests' own, with a password and a disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        passwords = folder / "passwords"
        make = ["mosquitto_passwd", "-b", "-c", str(passwords), "geogrid", PASSWORD]
        subprocess.run(make, check=True, timeout=30)
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {passwords}",
            "persistence true",
            f"persistence_location {folder}/",
            f"log_dest file {folder}/log",
            "max_queued_messages 0",
            # What it has said yes to is on its disk, as far as the broker can: see the operator's guide.
            "autosave_interval 1",
            "autosave_on_changes true",
        ]
        if os.getuid() == 0:
            lines.append("user root")
        (folder / "conf").write_text("\n".join(lines) + "\n")
        self.process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        path = f"{os.environ['PATH']}:/usr/sbin"
        process = subprocess.Popen(
            ["mosquitto", "-c", self._folder / "conf"], env={**os.environ, "PATH": path}
        )
        wait_until(lambda: self.publish("tests/ready", "x", check=False), process)
        return process

    def publish(self, topic: str, *lines: str, check: bool = True) -> bool:
        """Publish each line as a message, at least once (QoS 1)."""
        client = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-u", "geogrid", "-P", PASSWORD]
        published = subprocess.run(
            [*client, "-q", "1", "-t", topic, "-l"],
            input="\n".join(lines).encode(),
            check=check,
            timeout=60,
            capture_output=True,
        )
        return published.returncode == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.wait(20)

    def start_again(self) -> None:
        self.process = self._started()


def wait_until(is_so: Callable[[], bool], process: "subprocess.Popen[bytes]", within_s: float = 30) -> None:
    """Ask again and again; the end of a process, which is the only news it sends, is noticed at once."""
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, "it did not become so"
        try:
            raise AssertionError(f"it ended with {process.wait(0.05)}")
        except subprocess.TimeoutExpired:
            continue
