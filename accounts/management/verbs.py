"""Commands with verbs: `manage.py account add …`, each verb a method of its command."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Problem, in_one_line
from accounts.models import Account


class VerbCommand(BaseCommand):
    """Calls the method named by `verb`; what it refuses ends the command with the sentence and exit code 2."""

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, verb)(options)
        except Problem as problem:
            raise CommandError(f"{problem.sentence} {problem.hint}".strip(), returncode=2) from problem
        except ValidationError as error:
            raise CommandError(in_one_line(error), returncode=2) from error


def account_called(slug: str) -> Account:
    """The business account with this slug. Raises CommandError naming those there are."""
    account = Account.objects.filter(slug=slug).first()
    if account is None:
        slugs = ", ".join(Account.objects.order_by("slug").values_list("slug", flat=True)[:20])
        there_are = f"There are: {slugs}." if slugs else "Make one first: manage.py account add NAME."
        raise CommandError(f"There is no business account “{slug}”. {there_are}", returncode=2)
    return account
