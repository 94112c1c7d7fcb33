"""What can be known of docker/ without a container engine."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from geogrid.embedded.logins import Login
from geogrid.embedded.paths import REPOSITORY

pytestmark = pytest.mark.fast

DOCKER = REPOSITORY / "docker"
SECRETS = {"superuser_password", "owner_password", "app_password", "secret_key"}
SHELL_SCRIPTS = [
    *(path for path in (REPOSITORY / "scripts").iterdir() if path.is_file()),
    DOCKER / "with-secrets",
    DOCKER / "make-secrets",
    REPOSITORY / ".ci" / "run",
]


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text())


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_every_shell_script_can_be_read_by_bash(script):
    subprocess.run(["bash", "-n", script], check=True)
    assert script.suffix == ".sh" or os.access(script, os.X_OK)


def test_there_is_a_database_an_app_a_worker_and_a_proxy(compose):
    assert set(compose["services"]) == {"db", "maintenance", "web", "worker", "proxy"}


def test_no_password_stands_in_the_file(compose):
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or name.endswith("_FILE"), name
            assert "PASSWORD" not in name or value.startswith("/run/secrets/")


def test_only_the_maintenance_and_the_database_know_the_superuser(compose):
    who = {
        name
        for name, service in compose["services"].items()
        if "superuser_password" in service.get("secrets", [])
    }

    assert who == {"db", "maintenance"}


def test_only_the_proxys_ports_are_published(compose):
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }

    assert published == {"web": ["80:80", "443:443"]}
    assert compose["services"]["proxy"]["network_mode"] == "service:web"
    assert "reverse_proxy 127.0.0.1:8000" in (DOCKER / "Caddyfile").read_text()


def test_the_host_must_be_named(compose):
    assert compose["services"]["web"]["environment"]["GEOGRID_HOSTS"].startswith("${GEOGRID_HOST:?")


def test_what_the_dockerfile_copies_and_runs_is_there():
    dockerfile = (DOCKER / "Dockerfile").read_text()

    for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, flags=re.MULTILINE):
        *sources, _ = shlex.split(line)
        assert all((REPOSITORY / source).exists() for source in sources), line
    for part in re.findall(r"scripts/setup (\w+)", dockerfile):
        assert part in (REPOSITORY / "scripts" / "setup").read_text()
    assert (DOCKER / "with-secrets").exists()


def test_secrets_are_made_once_and_closed_to_other_accounts(tmp_path, compose):
    script = shutil.copy(DOCKER / "make-secrets", tmp_path)

    subprocess.run([script], check=True, capture_output=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run([script], check=True, capture_output=True)
    second = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    assert first == second
    assert set(first) == SECRETS == set(compose["secrets"])
    assert all(len(value) >= 40 and value.isalnum() for value in first.values())
    assert len(set(first.values())) == len(SECRETS)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def _environment_in_a_container(secrets: Path, **more: str) -> dict[str, str]:
    done = subprocess.run(
        [DOCKER / "with-secrets", "env"],
        env={"PATH": os.environ["PATH"], "GEOGRID_SECRETS": str(secrets), **more},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_a_container_knows_only_the_secrets_it_was_given(tmp_path):
    (tmp_path / "app_password").write_text("abc")
    (tmp_path / "secret_key").write_text("key")

    given = _environment_in_a_container(tmp_path)

    assert Login.from_url(given["DATABASE_URL"]) == Login("geogrid_app", "abc", "db", 5432, "geogrid")
    assert given["GEOGRID_SECRET_KEY"] == "key"
    assert "DATABASE_OWNER_URL" not in given
    assert "DATABASE_SUPERUSER_URL" not in given


def test_a_variable_that_is_set_goes_before_a_secret_file(tmp_path):
    (tmp_path / "app_password").write_text("abc")

    given = _environment_in_a_container(tmp_path, DATABASE_URL="postgresql://a:b@elsewhere/city")

    assert given["DATABASE_URL"] == "postgresql://a:b@elsewhere/city"
