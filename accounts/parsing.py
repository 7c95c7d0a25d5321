"""How the bodies of requests to the API are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JsonBody(JSONParser):
    """JSON of any content that can be stored: what is nested too deeply to be read, or holds half a character, is refused with 400."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
            # Half a character (a lone surrogate, “\ud800”) is a text to Python; no database takes it.
            json.dumps(found, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("JSON parse error - the body is nested too deeply.") from error
        except UnicodeEncodeError as error:
            raise ParseError("JSON parse error - a text holds half a character, an unpaired surrogate.") from error
        return found
