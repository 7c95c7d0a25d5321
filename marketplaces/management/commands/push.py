from __future__ import annotations

import json
import logging
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.utils.encoders import JSONEncoder

from accounts.acting import Actor
from accounts.errors import Problem, in_one_line
from accounts.management.verbs import account_called
from inventory.models import Item
from marketplaces.management.push import choosing, comparing, migrating, sending
from marketplaces.management.push.exits import CLEAN, ERROR, FOUND, INTERRUPTED
from marketplaces.models import Shop, VerificationStatus


class Command(BaseCommand):
    help = """Send items to their shops, for example: manage.py push --account 7qx --shop "My BrickLink" --retry --wait

Exit codes: 0 all agree; 1 something differs, could not be sent, or waits for a person; 2 refused or failed."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="SLUG")
        parser.add_argument("--shop", metavar="NAME", help="only this shop: its name, id or marketplace")
        parser.add_argument("--item", metavar="TOKEN", help="only this item: its token or id")
        parser.add_argument("--retry", action="store_true", help="try what has failed again first")
        parser.add_argument("--verify", action="store_true", help="compare the shops' lists with what they were told; sends nothing")
        parser.add_argument("--repair", action="store_true", help="compare, then tell the shops again what their lots have otherwise")
        parser.add_argument("--pending-from", metavar="FILE", help="apply a table of changes that were queued elsewhere and never sent")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent or changed")
        parser.add_argument("--wait", action="store_true", help="go on until nothing is under way any more")
        parser.add_argument("--json", action="store_true", help="print the answer for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        # Who asked for the push is not asking for the queue's own line.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        actor = Actor.system(account_called(options["account"]), "command line")
        try:
            code = self._run(actor, options)
        except Problem as problem:
            raise CommandError(f"{problem.sentence} {problem.hint}".strip(), returncode=ERROR) from problem
        except ValidationError as error:
            raise CommandError(in_one_line(error), returncode=ERROR) from error
        except KeyboardInterrupt:
            self.stderr.write("Stopped waiting; the worker goes on.")
            code = INTERRUPTED
        if code:
            raise SystemExit(code)

    def _run(self, actor: Actor, options: dict[str, Any]) -> int:
        if options["pending_from"]:
            return migrating.run(self, actor, options["pending_from"], options)
        shops, item = choosing.shops(actor.account, options["shop"]), choosing.item(actor.account, options["item"])
        if not shops:
            raise CommandError(f"{actor.account} has no shop that is switched on.", returncode=ERROR)
        if options["verify"] or options["repair"]:
            return self._compare(actor, shops, item, options)
        if options["dry_run"]:
            return self._preview(actor, shops, item, options)
        return self._send(actor, shops, item, options)

    def _compare(self, actor: Actor, shops: list[Shop], item: Item | None, options: dict[str, Any]) -> int:
        code, answers = CLEAN, []
        for shop in shops:
            run = comparing.compare(actor, shop)
            if run.status == VerificationStatus.FAILED:
                code = ERROR
            elif options["repair"] and not options["dry_run"]:
                comparing.repair(actor, run, item)
                sending.send([shop], item, wait=options["wait"])
            answers.append(comparing.answer(run, item))
        if options["json"]:
            self.print_json({"shops": answers})
        else:
            for each in answers:
                self._tell_comparison(each)
        if code == CLEAN and any(each["open"] for each in answers):
            return FOUND
        return code

    def _tell_comparison(self, answer: dict[str, Any]) -> None:
        self.stdout.write(f"{answer['shop']}: {answer['message']} {answer['hint']}".rstrip())
        for row in answer["differences"]:
            settled = "" if row["decision"] == "open" else f" {row['outcome'] or 'It is being settled.'}"
            self.stdout.write(f"  {row['label']}: {row['sentence']}{settled}")
        if answer["open"] > len(answer["differences"]):
            self.stdout.write(f"  … and {answer['open'] - len(answer['differences'])} more.")

    def _preview(self, actor: Actor, shops: list[Shop], item: Item | None, options: dict[str, Any]) -> int:
        steps = sending.preview(actor, shops, item)
        if options["json"]:
            self.print_json({"steps": steps})
        else:
            for step in steps:
                told, wanted = step["quantity"]
                fields = "".join(f", {name} {value}" for name, value in step["fields"].items())
                moved = f" {told} → {wanted}" if told != wanted else ""
                self.stdout.write(f"{step['shop']}: {step['item']}: {step['operation']}{moved}{fields} {step['sentence']}".rstrip())
            self.stdout.write("Nothing was sent." if steps else "Nothing is to be sent.")
        return FOUND if steps else CLEAN

    def _send(self, actor: Actor, shops: list[Shop], item: Item | None, options: dict[str, Any]) -> int:
        retried = sending.retry(actor, shops, item) if options["retry"] else 0
        code = sending.send(shops, item, wait=options["wait"])
        answers = sending.summary(shops, item)
        if options["json"]:
            self.print_json({"retried": retried, "shops": answers})
            return code
        if options["retry"]:
            self.stdout.write(f"{retried} {'is' if retried == 1 else 'are'} tried again.")
        for each in answers:
            states = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in each["listings"].items()) or "nothing listed"
            stopped = f" Nothing is sent: {each['stopped']}" if each["stopped"] else ""
            resting = " In maintenance: nothing is sent." if each["maintenance"] else ""
            self.stdout.write(f"{each['shop']}: {states}.{stopped}{resting}")
            for row in each["troubled"]:
                self.stdout.write(f"  {row['item']} ({row['token']}): {row['sentence']} {row['hint']}".rstrip())
        return code

    def print_json(self, answer: Any) -> None:
        self.stdout.write(json.dumps(answer, cls=JSONEncoder, indent=2, ensure_ascii=False))
