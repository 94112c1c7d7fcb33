"""Attributes of an asset, checked against the JSON Schema of its class."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

LONGEST_NAME = 100
MOST_CHARACTERS = 20_000
MOST_PROBLEMS = 20


def problems_of(attributes: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with `attributes` by the schema of their class, one sentence each; none when all is well.

    References in a schema are resolved inside it only: no class can make the server fetch an address.
    """
    problems = list(_unkeepable(attributes))
    if problems or not schema:
        return problems
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        for error in sorted(validator.iter_errors(attributes), key=lambda error: list(map(str, error.path))):
            where = ".".join(str(step) for step in error.path)
            problems.append(f"{where}: {error.message}" if where else error.message)
            if len(problems) == MOST_PROBLEMS:
                break
    except (Unresolvable, RecursionError) as error:
        problems.append(f"The schema of the class cannot be used: {error}")
    return problems


def problem_of_schema(schema: Any) -> str | None:
    """Why this is no JSON Schema of attributes, or None when it is one."""
    if not isinstance(schema, dict):
        return "A JSON Schema is an object."
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return str(error.message)
    return None


def _unkeepable(attributes: Any) -> Iterator[str]:
    """Why the database could not keep these attributes, whatever their class says."""
    if not isinstance(attributes, dict):
        yield "Attributes are an object: names and values."
        return
    left: list[tuple[str, Any]] = [("", attributes)]
    size = 0
    while left:
        where, value = left.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                size += len(name)
                if len(name) > LONGEST_NAME or not _is_text(name):
                    yield f"A name in attributes is longer than {LONGEST_NAME} characters, or no text."
                    return
                left.append((name, inner))
        elif isinstance(value, list):
            left += [(where, inner) for inner in value]
        elif isinstance(value, float) and not math.isfinite(value):
            yield f"{where}: neither NaN nor infinity can be kept."
        elif isinstance(value, str) and not _is_text(value):
            yield f"{where}: a null character or half a character is no text."
        size += len(value) if isinstance(value, str) else 1
        if size > MOST_CHARACTERS:
            yield f"Attributes may hold {MOST_CHARACTERS:,} characters in all."
            return


def _is_text(value: str) -> bool:
    """Whether PostgreSQL can keep it: no null character, no lone surrogate."""
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
