from __future__ import annotations

import json
import logging
import time
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from rest_framework.utils.encoders import JSONEncoder

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.management.verbs import account_called
from accounts.models import Account
from sync import runs
from sync.answers import already_running, answerable, envelope, message
from sync.choosing import for_any, for_system
from sync.live import POLL_SECONDS, lines_after
from sync.management import rounds
from sync.models import Connection, Kind, Status, SyncRun, Trigger
from sync.rounds.answers import already_running as round_running
from sync.rounds.starting import RoundRunning
from sync.rounds.types import TYPES
from sync.runs import AlreadyRunning
from sync.systems import SYSTEMS, System, synced

CLEAN, FOUND, ERROR, INTERRUPTED = 0, 1, 2, 130
LONGEST_WAIT = 24 * 3600.0
MOST_TOLD = 10
"""Errors, and warnings, that are printed for people; `--json` has them all."""
ALL, STATUS, RESET = "all", "status", "reset"
SMART = "smart"
"""What the scope of a system is called that chooses among the others."""


class Command(BaseCommand):
    help = """Start a sync, for example: manage.py sync inventory --account 7qx --wait

sync all reads everything that moves, master data first; sync status says how each type stands, sync reset TYPE has its next sync read it
from the beginning.

Exit codes: 0 started or, with --wait, all done (a preview: nothing would change); 1 somebody should look at it: done in part, waiting for
a review, cancelled, still going on when the wait was over, or a preview that would change something; 2 refused or failed."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        scopes = sorted({key for system in SYSTEMS.values() for key in system.scopes} | set(TYPES))
        known = f"{', '.join(scopes)}; or a system: {', '.join(synced())}; or {ALL}, {STATUS} or {RESET}"
        parser.add_argument("scope", metavar="SCOPE", help=known)
        parser.add_argument("type", metavar="TYPE", nargs="?", help=f"with {RESET}: {', '.join(TYPES)}")
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--connection", metavar="NAME", help="its name or id; needed where there are several")
        parser.add_argument("--system", metavar="KEY", help="needed where the account is connected to several that have the scope")
        parser.add_argument("--strategy", metavar="NAME", help="with a system as SCOPE: what of it, as in sync finale --strategy smart")
        parser.add_argument("--preview", action="store_true", help="only say what would change; write nothing")
        parser.add_argument(
            "--wait", nargs="?", type=_seconds, const=LONGEST_WAIT, metavar="SECONDS", help="show progress until it has ended, or so long"
        )
        parser.add_argument("--json", action="store_true", help="print the API's answer; progress goes to the error output")

    def handle(self, *args: Any, **options: Any) -> None:
        # Who asked for progress is not asking for the queue's own line.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        account = account_called(options["account"])
        if options["scope"] in (ALL, STATUS, RESET):
            self._rounds(account, options)
            return
        if options["type"] is not None:
            raise CommandError(f"“{options['type']}” is too much: only {RESET} names a type besides.", returncode=ERROR)
        scope, named = _asked(options["scope"], options["strategy"], options["system"])
        actor = Actor.system(account, "command line")
        kind = Kind.PREVIEW if options["preview"] else Kind.SYNC
        try:
            connection, scope = _target(account, scope, named, options["connection"])
            run = runs.start(actor, connection, scope, kind=kind, trigger=Trigger.COMMAND)
        except AlreadyRunning as busy:
            if options["json"]:
                self._print(already_running(actor, busy))
            raise _refused(busy) from busy
        except Problem as problem:
            raise _refused(problem) from problem
        code = CLEAN
        if options["wait"]:
            run, code = self._follow(run, options["wait"])
        answer = answerable(actor, run.pk)
        if options["json"]:
            self._print(envelope(answer))
        else:
            self._tell(answer)
        if code:
            raise SystemExit(code)

    def _rounds(self, account: Account, options: dict[str, Any]) -> None:
        """Everything at once, how it stands, and a type that is to be read again."""
        actor, code, what = Actor.system(account, "command line"), CLEAN, options["scope"]
        if (what == RESET) != (options["type"] is not None) or options["preview"] or options["strategy"] or options["system"]:
            raise CommandError(f"Write: sync {ALL} [--wait], sync {STATUS}, or sync {RESET} TYPE [--connection NAME].", returncode=ERROR)
        try:
            if what == ALL:
                answer, code = rounds.sync_all(actor, seconds=options["wait"], tell=self.stderr.write)
                lines = rounds.lines_of_round(answer)
            elif what == STATUS:
                answer, code = rounds.status(account)
                lines = rounds.lines_of_status(answer)
            else:
                answer = rounds.reset(actor, options["type"], options["connection"])
                lines = [answer["message"]]
        except RoundRunning as busy:
            if options["json"]:
                self._print(round_running(actor, busy))
            raise _refused(busy) from busy
        except AlreadyRunning as running:
            if options["json"]:
                self._print(already_running(actor, running))
            raise _refused(running) from running
        except Problem as problem:
            raise _refused(problem) from problem
        if options["json"]:
            self._print(answer)
        else:
            self.stdout.write("\n".join(lines))
        if code:
            raise SystemExit(code)

    def _follow(self, run: SyncRun, seconds: float) -> tuple[SyncRun, int]:
        """Show the run's log as it is written, until it ends or the time is over: the run as it is then, and the exit code."""
        until = time.monotonic() + seconds
        seen, said = 0, ""
        try:
            while True:
                # The run first: one that has ended by then writes no more lines.
                run = SyncRun.objects.select_related("connection").get(pk=run.pk)
                lines = lines_after(run, seen)
                for line in lines:
                    self.stderr.write(f"{line.at:%H:%M:%S} {line.text}")
                    seen = line.seq
                if not run.is_active:
                    return run, _code(run)
                if time.monotonic() >= until:
                    return run, FOUND
                if not lines and message(run) != said:
                    said = message(run)
                    self.stderr.write(said)
                if not lines:
                    time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            self.stderr.write(f"Run {run.pk} goes on without you.")
            return run, INTERRUPTED

    def _tell(self, run: SyncRun) -> None:
        self.stdout.write(f"Run {run.pk}: {message(run)}")
        for name, problems in (("error", run.errors), ("warning", run.warnings)):
            for problem in problems[:MOST_TOLD]:
                self.stdout.write(f"  {name}: {' '.join(filter(None, (problem['message'], problem.get('hint'))))}")
            if len(problems) > MOST_TOLD:
                self.stdout.write(f"  … and more: the page of run {run.pk} and --json have them.")

    def _print(self, answer: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(answer, cls=JSONEncoder, indent=2, ensure_ascii=False))


def _code(run: SyncRun) -> int:
    """The exit code for a run that has ended."""
    if run.status == Status.FAILED:
        return ERROR
    if run.status != Status.SUCCEEDED:
        return FOUND
    return FOUND if run.kind == Kind.PREVIEW and run.plan.exists() else CLEAN


def _asked(scope: str, strategy: str | None, named: str | None) -> tuple[str, str | None]:
    """The scope and the system that the words mean: a system's own name stands for its strategy, smart where it can choose itself.

    Raises CommandError for a strategy without a system to it.
    """
    if scope in synced():
        system = SYSTEMS[scope]
        return strategy or (SMART if SMART in system.scopes else system.primary_scope), scope
    if strategy is not None:
        raise CommandError(f"--strategy goes with a system: {', '.join(synced())}. “{scope}” is what it would name.", returncode=ERROR)
    return scope, named


def _target(account: Account, scope: str, named: str | None, connection: str | None) -> tuple[Connection, str]:
    """The connection that is meant, and its scope. Raises Problem, and CommandError where that can't be known."""
    if named is None and scope in TYPES:
        found = for_any(account, TYPES[scope].systems, connection)
        return found, TYPES[scope].origin(found.system).scope
    return for_system(account, _system(account, scope, named, connection).key, connection), scope


def _system(account: Account, scope: str, named: str | None, connection: str | None) -> System:
    """The system that `scope` belongs to: of several the one that the account, or the named connection, is connected to.

    Raises CommandError naming what there is when that can't be known.
    """
    having = [system for system in SYSTEMS.values() if scope in system.scopes and named in (None, system.key)]
    if len(having) > 1:
        rows = Connection.objects.filter(account=account, system__in=[system.key for system in having])
        rows = rows.filter(_called(connection)) if connection else rows.filter(enabled=True)
        connected = set(rows.values_list("system", flat=True))
        having = [system for system in having if system.key in connected] or having
    if len(having) == 1:
        return having[0]
    if having:
        keys = ", ".join(system.key for system in having)
        raise CommandError(f"Several systems have “{scope}”: {keys}. Name one with --system.", returncode=ERROR)
    there_are = ", ".join(f"{key} ({system.key})" for system in SYSTEMS.values() for key in system.scopes)
    raise CommandError(f"There is no sync “{scope}”. There are: {there_are}.", returncode=ERROR)


def _called(connection: str) -> Q:
    """By name, or by id where it looks like one."""
    number = connection.isascii() and connection.isdigit() and len(connection) < 19
    return Q(name=connection) | Q(pk=int(connection)) if number else Q(name=connection)


def _seconds(text: str) -> float:
    return float(max(1, int(text)))


def _refused(problem: Problem) -> CommandError:
    return CommandError(f"{problem.sentence} {problem.hint}".strip(), returncode=ERROR)
