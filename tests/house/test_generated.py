"""What is made from the code is up to date: migrations, the OpenAPI document, the page's types."""

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


def test_models_and_migrations_agree(db):
    said = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=said)

    assert "No changes detected" in said.getvalue()


def test_the_openapi_document_is_the_codes_own():
    made = StringIO()

    call_command("spectacular", format="openapi-json", validate=True, fail_on_warn=True, stdout=made)

    kept = (ROOT / "frontend" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(made.getvalue()), "run `make types`"
