from __future__ import annotations

import logging

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"

    def ready(self) -> None:
        from sync import checks

        checks.register()
        # It logs whole URLs with their queries; the wire writes its own line for each call.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
