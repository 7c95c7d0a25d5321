from __future__ import annotations

import json
import logging
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.utils.encoders import JSONEncoder

from accounts.errors import Problem, in_one_line
from accounts.management.verbs import account_called
from inventory.management.stock import expire, integrity, rebuild, reconcile, selftest, verify
from inventory.management.stock.exits import ERROR

VERBS: dict[str, Any] = {
    "verify": verify,
    "reconcile": reconcile,
    "integrity": integrity,
    "rebuild": rebuild,
    "expire": expire,
    "selftest": selftest,
}


class Command(BaseCommand):
    help = """Stock that is kept here, for example: manage.py stock verify --account 7qx

Exit codes: 0 clean; 1 something differs or differed, or waits for a person; 2 refused or failed."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for name, verb in VERBS.items():
            own = verbs.add_parser(name, help=verb.HELP)
            own.add_argument("--account", required=True, metavar="SLUG")
            own.add_argument("--json", action="store_true", help="print the answer for programs")
            verb.arguments(own)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        # Who asked for the stock is not asking for the queue's own line.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        account = account_called(options["account"])
        try:
            code = VERBS[verb].run(self, account, options)
        except Problem as problem:
            raise CommandError(f"{problem.sentence} {problem.hint}".strip(), returncode=ERROR) from problem
        except ValidationError as error:
            raise CommandError(in_one_line(error), returncode=ERROR) from error
        if code:
            raise SystemExit(code)

    def print_json(self, answer: Any) -> None:
        self.stdout.write(json.dumps(answer, cls=JSONEncoder, indent=2, ensure_ascii=False))
