from __future__ import annotations

import json
import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from accounts.acting import Actor
from accounts.management.verbs import VerbCommand, account_called
from accounts.models import Account
from inventory.models import Warehouse
from sync import connections, stockcounts
from sync.api.connections import ConnectionSerializer, VerdictSerializer
from sync.condition import condition_of
from sync.environment import given
from sync.models import Connection
from sync.systems import SYSTEMS
from sync.systems import system as system_called

FROM_ENVIRONMENT = "@env:"
FROM_INPUT = "-"


class Command(VerbCommand):
    help = "Connections to outside systems: add, edit, test, list, count, pause, resume, remove."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make a connection")
        add.add_argument("system", choices=sorted(SYSTEMS))
        add.add_argument("--name", required=True)
        add.add_argument("--warehouse", metavar="CODE", help="the warehouse that follows it; else one of its name is made")
        add.add_argument("--if-missing", action="store_true", help="when it exists, bring address, settings and secrets to what is given")
        env_help = "address, settings and secrets from the variables that its documentation names; what else is given goes before them"
        add.add_argument("--from-env", action="store_true", help=env_help)
        edit = verbs.add_parser("edit", help="change what is given, and nothing else")
        test = verbs.add_parser("test", help="call the other side; exit code 1 when something is wrong")
        for name, does in (("pause", "hold everything back"), ("resume", "end a pause"), ("remove", "delete one that was never used")):
            verbs.add_parser(name, help=does)
        count = verbs.add_parser("count", help="propose a count of what it has in a warehouse; its opening where nothing is booked there")
        rows = verbs.add_parser("list", help="all connections of the account and how they do")
        for name, verb in verbs.choices.items():
            verb.add_argument("--account", required=True, metavar="SLUG")
            if name not in ("add", "list"):
                verb.add_argument("name", metavar="NAME", help="or its number in the list")
        count.add_argument("warehouse", metavar="WAREHOUSE", help="the warehouse's code here")
        for verb in (add, edit):
            verb.add_argument("--url", help="where the other side is: https://host.example/path")
            verb.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting; without a value its default")
            secret_help = "a secret; NAME=- reads a line of the input, NAME=@env:VAR an environment variable"
            verb.add_argument("--secret", action="append", default=[], metavar="NAME=VALUE", help=secret_help)
        for verb in (test, rows):
            verb.add_argument("--json", action="store_true", help="print what the API answers")

    @sensitive_variables("secrets", "options", "told")
    def add(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        url, settings, secrets = options["url"], _settings(options), _secrets(options)
        if options["from_env"]:
            told = given(system_called(options["system"]), os.environ)
            url, settings, secrets = url or told.base_url, {**told.settings, **settings}, {**told.secrets, **secrets}
            self.stdout.write(f"Taken from the environment: {', '.join(told.variables)}")
        there = _rows(actor.account).filter(name=options["name"].strip()).first() if options["if_missing"] else None
        if there is None:
            made = connections.add(
                actor,
                system=options["system"],
                name=options["name"],
                base_url=url or "",
                settings=settings,
                secrets=secrets,
                warehouse=_warehouse(actor, options["warehouse"]),
            )
            follower = f"; the warehouse “{made.warehouse}” follows it" if made.warehouse else ""
            self.stdout.write(f"“{made}” was added with number {made.pk}{follower}")
        elif there.system != options["system"]:
            raise CommandError(f"“{there}” is a connection of another system: {there.system}. Choose another name.", returncode=2)
        else:
            self._change(actor, there, url, settings, secrets)

    @sensitive_variables("options")
    def edit(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        self._change(actor, _named(actor, options["name"]), options["url"], _settings(options), _secrets(options))

    def test(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        row = _named(actor, options["name"])
        found = connections.test(actor, row)
        if options["json"]:
            self._print(VerdictSerializer(found).data)
        else:
            self.stdout.write(f"{row}: {found.finding}. {found.sentence} {found.hint}".rstrip())
        if not found.ok:
            raise SystemExit(1)

    def list(self, options: dict[str, Any]) -> None:
        rows = _rows(_actor(options).account)
        if options["json"]:
            self._print(ConnectionSerializer(rows, many=True).data)
            return
        for row in rows:
            found = condition_of(row)
            last = f"last success {row.last_success_at:%Y-%m-%d %H:%M} UTC" if row.last_success_at else "never read"
            self.stdout.write(f"{row.pk}  {row.name} ({row.system}): {found.state}, {last}. {found.sentence}".rstrip())
        if not rows:
            self.stdout.write("There are no connections yet. Add one: manage.py connection add SYSTEM --account SLUG --name NAME.")

    def count(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        warehouse = _warehouse(actor, options["warehouse"])
        assert warehouse is not None
        self.stdout.write(stockcounts.told(stockcounts.propose(actor, _named(actor, options["name"]), warehouse)))

    def pause(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        self.stdout.write(f"“{connections.pause(actor, _named(actor, options['name']))}” is paused")

    def resume(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        self.stdout.write(f"“{connections.resume(actor, _named(actor, options['name']))}” may be used")

    def remove(self, options: dict[str, Any]) -> None:
        actor = _actor(options)
        row = _named(actor, options["name"])
        connections.remove(actor, row)
        self.stdout.write(f"“{row}” was removed{'; its warehouse stays' if row.warehouse else ''}")

    @sensitive_variables("secrets")
    def _change(self, actor: Actor, row: Connection, url: str | None, settings: dict[str, str], secrets: dict[str, str]) -> None:
        edited = connections.edit(actor, row, base_url=url, settings=settings)
        known = row.secrets
        new = {name: value for name, value in secrets.items() if known.unreadable or known.get(name) != value}
        connections.set_secrets(actor, row, new)
        same = not new and (row.base_url, row.settings) == (edited.base_url, edited.settings)
        self.stdout.write(f"“{row}” {'is as it should be' if same else 'was changed'}")

    def _print(self, answer: Any) -> None:
        self.stdout.write(json.dumps(answer, indent=2, default=str))


def _actor(options: dict[str, Any]) -> Actor:
    return Actor.system(account_called(options["account"]), "command line")


def _rows(account: Account) -> QuerySet[Connection]:
    return Connection.objects.filter(account=account).select_related("breaker", "warehouse")


def _named(actor: Actor, text: str) -> Connection:
    """By name, in any case when that leaves one, or by number. Raises CommandError naming those there are."""
    rows = list(_rows(actor.account))
    exact = [row for row in rows if row.name == text]
    alike = [row for row in rows if row.name.casefold() == text.casefold()]
    numbered = [row for row in rows if str(row.pk) == text]
    for found in (exact, alike, numbered):
        if len(found) == 1:
            return found[0]
    there_are = f"There are: {', '.join(f'{row.name} ({row.pk})' for row in rows)}." if rows else "Add one first."
    raise CommandError(f"There is no connection “{text}”. {there_are}", returncode=2)


def _warehouse(actor: Actor, code: str | None) -> Warehouse | None:
    if code is None:
        return None
    found = Warehouse.objects.filter(account=actor.account, code=code).first()
    if found is None:
        codes = ", ".join(Warehouse.objects.filter(account=actor.account).values_list("code", flat=True)[:20])
        raise CommandError(f"There is no warehouse “{code}”. {f'There are: {codes}.' if codes else ''}".strip(), returncode=2)
    return found


def _settings(options: dict[str, Any]) -> dict[str, str]:
    return dict(_pair(text, "--set") for text in options["set"])


@sensitive_variables()
def _secrets(options: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name, value in (_pair(text, "--secret") for text in options["secret"]):
        if value == FROM_INPUT:
            value = sys.stdin.readline().rstrip("\r\n")
        elif value.startswith(FROM_ENVIRONMENT):
            variable = value.removeprefix(FROM_ENVIRONMENT)
            if variable not in os.environ:
                raise CommandError(f"The environment has no {variable}, which the secret “{name}” is to be read from.", returncode=2)
            value = os.environ[variable]
        found[name] = value
    return found


@sensitive_variables()
def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        # Not repeated: it may be a secret whose name was forgotten.
        raise CommandError(f"{option} takes NAME=VALUE.", returncode=2)
    return name.strip(), value
