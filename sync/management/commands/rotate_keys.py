from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from sync.key_rotation import rotate_all


class Command(BaseCommand):
    help = "Encrypt all stored credentials anew with the first key of FIELD_KEYS. Afterwards the older keys can be taken away."

    def handle(self, *_args: Any, **_options: Any) -> None:
        unreadable = 0
        try:
            for done in rotate_all():
                unreadable += done.unreadable
                self.stdout.write(
                    f"{done.column}: {done.rewritten} rewritten, {done.current} had the newest key, {done.unreadable} can't be read"
                )
        except ImproperlyConfigured as error:
            raise CommandError(str(error), returncode=2) from error
        if unreadable:
            raise CommandError(
                f"{unreadable} credentials open with none of the keys in FIELD_KEYS. "
                "Put their key back and run this again, or enter them again.",
                returncode=1,
            )
        self.stdout.write("Everything is encrypted with the newest key.")
