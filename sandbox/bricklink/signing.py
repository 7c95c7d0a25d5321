"""Who is calling? Signatures are checked by oauthlib, which the product's own signing knows nothing of."""

from __future__ import annotations

import time
from collections import OrderedDict
from types import SimpleNamespace
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849 import signature

from sandbox.bricklink.keys import CONSUMER_KEY, CONSUMER_SECRET, TOKEN_SECRET, TOKEN_VALUE
from sandbox.exchange import Request

CLOCKS = 300
_FIELDS = ("consumer_key", "token", "signature_method", "timestamp", "nonce", "version", "signature")


class Gate:
    """Lets through what is signed with our secrets and was not sent before. Used by one thread at a time."""

    def __init__(self) -> None:
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()

    def refusal(self, request: Request) -> str:
        """What is wrong with the signature, in BrickLink's manner; blank when nothing is."""
        if not request.authorization.lower().startswith("oauth "):
            return "PARAMETER_ABSENT: Authorization"
        try:
            pairs = signature.collect_parameters(
                uri_query=urlsplit(request.url).query,
                headers={"Authorization": request.authorization},
                exclude_oauth_signature=False,
            )
        except ValueError:
            return "PARAMETER_REJECTED: Authorization"
        given = {name.removeprefix("oauth_"): value for name, value in pairs if name.startswith("oauth_")}
        missing = next((name for name in _FIELDS if not given.get(name)), "")
        if missing:
            return f"PARAMETER_ABSENT: oauth_{missing}"
        if given["signature_method"] != "HMAC-SHA1" or given["version"] != "1.0":
            return "SIGNATURE_METHOD_REJECTED"
        if given["consumer_key"] != CONSUMER_KEY:
            return "CONSUMER_KEY_UNKNOWN"
        if given["token"] != TOKEN_VALUE:
            return "TOKEN_REJECTED"
        signed = SimpleNamespace(
            params=[(name, value) for name, value in pairs if name != "oauth_signature"],
            uri=request.url,
            http_method=request.method,
            signature=given["signature"],
        )
        if not signature.verify_hmac_sha1(signed, CONSUMER_SECRET, TOKEN_SECRET):
            return "SIGNATURE_INVALID"
        return self._used_before(given["timestamp"], given["nonce"])

    def _used_before(self, timestamp: str, nonce: str) -> str:
        now = time.time()
        if not timestamp.isdigit() or abs(now - int(timestamp)) > CLOCKS:
            return "TIMESTAMP_REFUSED"
        while self._used and next(iter(self._used.values())) < now - 2 * CLOCKS:
            self._used.popitem(last=False)
        if (timestamp, nonce) in self._used:
            return "NONCE_USED"
        self._used[timestamp, nonce] = now
        return ""
