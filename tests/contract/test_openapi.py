"""Whatever is sent to whichever endpoint: no 5xx, and no answer that the OpenAPI document does not name.

A real server with the demonstration city, asked as an administrator with an API token. The document is the
one that is kept with the page; another test holds it against the code.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.served_city import ServedCity, served_demo_city

pytestmark = pytest.mark.db
DOCUMENT = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"
EXAMPLES = 12
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def city() -> Iterator[ServedCity]:
    with served_demo_city(worker=False) as served:
        yield served


@pytest.fixture(scope="module")
def bearer(city: ServedCity) -> dict[str, str]:
    """Headers of an administrator's API token."""
    status, made = city.log_in("demo-admin").call(
        "POST", "/api/tokens", {"name": "schemathesis", "scopes": ["all"]}
    )
    assert status == 201, made
    return {"Authorization": f"Bearer {made['token']}"}


schema = schemathesis.openapi.from_path(DOCUMENT)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_documented(
    case: "schemathesis.Case[Any]", city: ServedCity, bearer: dict[str, str]
) -> None:
    case.call_and_validate(base_url=city.url, headers=bearer, checks=list(CHECKS))
