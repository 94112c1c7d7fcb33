"""JSON bodies that we could not keep or repeat are refused where they come in."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSON(JSONParser):
    """JSON as DRF reads it, without half characters (lone surrogates) and without endless nesting.

    Either would fail later, at the database or while an error repeats what was sent.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            said = super().parse(stream, media_type, parser_context)
            json.dumps(said, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("This JSON is nested too deep.") from None
        except UnicodeEncodeError:
            raise ParseError("This JSON holds half a character (a lone surrogate).") from None
        return said
