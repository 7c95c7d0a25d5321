from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import tokens
from accounts.acting import Actor
from accounts.management.verbs import VerbCommand, account_called
from accounts.models import Member


class Command(VerbCommand):
    help = "API tokens: issue one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="issue a token; prints it, this once")
        add.add_argument("--member", required=True, metavar="USERNAME")
        add.add_argument("--account", required=True, metavar="SLUG")
        add.add_argument("--name", required=True, help="what the token is for")
        add.add_argument("--scope", action="append", default=[], metavar="OPERATION", help="may be given several times; none is all")
        add.add_argument("--expires", default="", metavar="TIME", help="for example 2027-01-31T18:00+01:00; without a zone it is UTC")
        add.add_argument("--if-missing", action="store_true", help="do nothing when the member has a working token of this name")

    def add(self, options: dict[str, Any]) -> None:
        account = account_called(options["account"])
        member = Member.objects.filter(account=account, user__username=options["member"]).first()
        if member is None:
            raise CommandError(f"{options['member']} is not a member of {account}. Add them first: manage.py member add.", returncode=2)
        if options["if_missing"] and tokens.working().filter(member=member, name=options["name"]).exists():
            self.stderr.write(f"{options['member']} has a token “{options['name']}” already; it can't be shown again")
            return
        actor = Actor.system(account, "command line")
        expires_at = _moment(options["expires"]) if options["expires"] else None
        issued = tokens.issue(actor, member, name=options["name"], scopes=options["scope"], expires_at=expires_at)
        self.stdout.write(issued.text)


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise ValidationError({"expires": f"“{text}” is not a time. Write it like 2027-01-31T18:00+01:00."})
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
