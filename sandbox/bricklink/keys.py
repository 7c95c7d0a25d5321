"""The four secrets that are always valid here; made-up values, known to everybody."""

from __future__ import annotations

CONSUMER_KEY = "5A4D8C0B00000000000000000000C0DE"
CONSUMER_SECRET = "5A4D8C0B0000000000000000005EC4E7"
TOKEN_VALUE = "5A4D8C0B000000000000000000070CE4"
TOKEN_SECRET = "5A4D8C0B00000000000000000705EC47"
SECRETS = {
    "consumer_key": CONSUMER_KEY,
    "consumer_secret": CONSUMER_SECRET,
    "token_value": TOKEN_VALUE,
    "token_secret": TOKEN_SECRET,
}
"""As a connection of Levelstock calls them."""
