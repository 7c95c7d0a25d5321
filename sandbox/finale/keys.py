"""The account and the key that are always valid here; made-up values, known to everybody."""

from __future__ import annotations

import base64

ACCOUNT = "exampleco"
KEY = "key123"
SECRET = "sec456"
SECRETS = {"key": KEY, "secret": SECRET}
"""As a connection of Levelstock calls them."""
AUTHORIZATION = f"Basic {base64.b64encode(f'{KEY}:{SECRET}'.encode()).decode()}"
