"""JSON bodies that we could not keep or repeat are refused where they come in."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


def strict_json(body: bytes) -> Any:
    """What `body` (JSON in UTF-8) says.

    Half characters (lone surrogates), NaN and endless nesting are refused: each would fail later, at the
    database or while an error repeats what was sent.

    Raises:
        ParseError: with what is wrong.
    """
    try:
        said = json.loads(body.decode(), parse_constant=_refuse_constant)
        # Only an escape can bring half a character in: the bytes themselves have been decoded.
        if b"\\u" in body:
            json.dumps(said, ensure_ascii=False).encode()
    except RecursionError:
        raise ParseError("This JSON is nested too deep.") from None
    except UnicodeEncodeError:
        raise ParseError("This JSON holds half a character (a lone surrogate).") from None
    except ValueError as error:
        raise ParseError(f"This is no JSON: {error}") from None
    return said


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


class StrictJSON(JSONParser):
    """`strict_json` for Django REST framework."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return strict_json(stream.read())
