from __future__ import annotations

import pytest

from sync.wire.cookies import parse_cookies
from sync.wire.errors import BadCredentials


@pytest.mark.parametrize(
    ("text", "cookies"),
    [
        ("SID=abc", {"SID": "abc"}),
        ("Cookie: SID=abc; LB=7", {"SID": "abc", "LB": "7"}),
        ("cookie:SID=abc;LB=7;", {"SID": "abc", "LB": "7"}),
        ("  SID=a=b==;\n LB=\n", {"SID": "a=b==", "LB": ""}),
    ],
)
def test_copied_header_becomes_cookies(text: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(text) == cookies


@pytest.mark.parametrize("text", ["", "  ;; ", "Cookie:", "sesame", "SID=a; sesame", "=sesame", "SID=sésame"])
def test_what_is_no_cookie_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadCredentials) as caught:
        parse_cookies(text)
    assert "same" not in caught.value.sentence + caught.value.hint
