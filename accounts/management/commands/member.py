from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.acting import Actor
from accounts.management.verbs import VerbCommand, account_called
from accounts.membership import add_member
from accounts.models import Member
from accounts.roles import Role


class Command(VerbCommand):
    help = "Members of business accounts: add one."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make a user a member; a user who doesn't exist is created with the given password")
        add.add_argument("username")
        add.add_argument("--account", required=True, metavar="SLUG")
        add.add_argument("--role", required=True, choices=Role.values)
        add.add_argument("--email", default="")
        add.add_argument("--if-missing", action="store_true", help="do nothing when they are a member already")
        password = add.add_mutually_exclusive_group()
        password.add_argument("--password-stdin", action="store_true", help="the first line of the input is the new user's password")
        password.add_argument("--password-env", metavar="VAR", help="this environment variable holds the new user's password")

    def add(self, options: dict[str, Any]) -> None:
        account, username = account_called(options["account"]), options["username"]
        if options["if_missing"] and Member.objects.filter(account=account, user__username=username).exists():
            self.stdout.write(f"{username} is a member of {account} already")
            return
        actor = Actor.system(account, "command line")
        member = add_member(actor, username=username, role=options["role"], password=_password(options), email=options["email"])
        self.stdout.write(f"{username} is {member.get_role_display().lower()} of {account}")


def _password(options: dict[str, Any]) -> str:
    if options["password_stdin"]:
        return sys.stdin.readline().rstrip("\r\n")
    name = options["password_env"]
    if name is None:
        return ""
    if name not in os.environ:
        raise CommandError(f"The environment has no {name}. Set it, or use --password-stdin.", returncode=2)
    return os.environ[name]
