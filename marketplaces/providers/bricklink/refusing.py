"""What an answer of BrickLink means that says no, whatever status it came with. Pure (docs/bricklink.md)."""

from __future__ import annotations

import re
from typing import Any

from marketplaces.errors import ShopRefused
from marketplaces.providers.rules import plain
from sync.wire.errors import BadCredentials, Refused, RetryLater, WireError, WrongAnswer

RATE_PAUSE = 60.0
"""Where it does not say how long to wait."""
_MOST_WORDS = 300
_ADDRESS = re.compile(r"TOKEN_IP_MISMATCHED\W*([0-9A-Fa-f.:]*[0-9A-Fa-f])?")
_STALE = re.compile(r"nonce|timestamp", re.IGNORECASE)


class NotThere(Refused):
    """Needs a look: BrickLink does not have what the address or the body names."""


class SignedBadly(Refused):
    """To be signed and sent once more: the nonce or the time of the signature was refused, and nothing else was looked at."""


def judge(said: Any, http_status: int) -> WireError | None:
    """The error that an answer means; None for a good one, and for one that is not in BrickLink's envelope but has an error's status."""
    code = code_of(said)
    if code is None:
        return None if http_status >= 300 else _no_envelope(http_status)
    if 200 <= code < 300:
        return None if http_status < 300 else _no_envelope(http_status)
    own = _own_words(said)
    if code == 401:
        return _login(own)
    if code == 403:
        return BadCredentials(
            f"BrickLink does not let this account do that.{own}",
            code="forbidden",
            hint="The API is for accounts that sell: open the store of this account at BrickLink, or use the login of the one that has it.",
            certain=True,
        )
    if code == 404:
        return NotThere(f"BrickLink does not have this.{own}", code="not_there")
    if code == 429:
        return RetryLater(f"BrickLink wants fewer calls for now.{own}", after=RATE_PAUSE, code="too_many_calls")
    if 400 <= code < 500:
        return _refused(own)
    return RetryLater(f"BrickLink failed.{own}", after=0.0, code="server_error", may_have_acted=True)


def code_of(said: Any) -> int | None:
    """The code in an answer's envelope, None where there is no envelope."""
    meta = said.get("meta") if isinstance(said, dict) else None
    code = meta.get("code") if isinstance(meta, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 10:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _no_envelope(status: int) -> WrongAnswer:
    return WrongAnswer(
        "The answer is not in the form that BrickLink's have.",
        code="json_shape",
        hint="Check the address of the connection; BrickLink may be under maintenance.",
        http_status=status,
        may_have_acted=True,
    )


def _own_words(said: Any) -> str:
    """What BrickLink says itself, as the end of a text."""
    meta = said["meta"]
    texts = [" ".join(plain(str(meta.get(name) or "")).split())[:_MOST_WORDS] for name in ("description", "message")]
    # The symbolic name says nothing to people when there is a sentence.
    own = texts[0] or texts[1]
    return f" It says: “{own}”." if own else ""


def _login(own: str) -> WireError:
    mismatch = _ADDRESS.search(own)
    if mismatch:
        address = mismatch.group(1)
        ours = f"{address}, which is how BrickLink sees this machine" if address else "this machine"
        return BadCredentials(
            f"The token is for another IP address: it does not let {ours} in.",
            code="address",
            hint=f"Make a new token at BrickLink for {address or 'this address'}, or for all addresses (0.0.0.0, mask 0.0.0.0).",
            certain=True,
        )
    if _STALE.search(own) and "SIGNATURE" not in own:
        return SignedBadly(f"BrickLink refused the time or the nonce of a signature.{own}", code="signed_badly")
    return BadCredentials(
        f"BrickLink does not accept the four secrets.{own}",
        code="signature",
        hint="Copy consumer key, consumer secret, token value and token secret again from BrickLink's page of API consumers.",
        certain=True,
    )


_UNKNOWN_COLOR = re.compile(r"colou?r", re.IGNORECASE)


def _refused(own: str) -> ShopRefused:
    low = own.lower()
    if "item sequence number" in low:
        hint = "Write the number of a set with its ending, such as 9999-1."
        return ShopRefused(f"BrickLink wants another number.{own}", code="set_suffix", hint=hint)
    if _UNKNOWN_COLOR.search(own):
        return ShopRefused(f"BrickLink refuses the colour.{own}", code="unknown_color", hint="Correct the item's colour.")
    said = own or " It gives no reason."
    return ShopRefused(f"BrickLink refuses this.{said}", code="invalid", hint="Correct the item; it is sent again then.")


def unknown_part(error: NotThere) -> ShopRefused:
    """What it means that a create names something that BrickLink does not have."""
    _, sign, own = error.sentence.partition(" It says: ")
    words = f"{sign}{own}"
    return ShopRefused(
        f"BrickLink's catalogue does not know this number.{words}",
        code="unknown_part",
        hint="Correct the item's number or type, or enter what BrickLink calls it among the shop's mappings.",
        http_status=error.http_status,
    )


def clock_wrong(error: SignedBadly) -> BadCredentials:
    """What it means that a signature was refused for its time or nonce twice running."""
    hint = "Set this machine's clock: BrickLink accepts no signature whose time is minutes off."
    return BadCredentials(error.sentence, code="clock", hint=hint, http_status=error.http_status)
