from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.text import slugify

from accounts.management.verbs import VerbCommand
from accounts.membership import create_account
from accounts.models import Account


class Command(VerbCommand):
    help = "Business accounts: add one, list them."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make a business account; prints its slug")
        add.add_argument("name")
        add.add_argument("--slug", default="", help="what commands and links call it; made from the name unless given")
        add.add_argument("--time-zone", default="UTC", help="for example Europe/Berlin; the business day and all schedules follow it")
        add.add_argument("--if-missing", action="store_true", help="do nothing when there is one with this slug")
        listing = verbs.add_parser("list", help="all business accounts")
        listing.add_argument("--json", action="store_true")

    def add(self, options: dict[str, Any]) -> None:
        slug = options["slug"] or slugify(options["name"])
        if not (options["if_missing"] and Account.objects.filter(slug=slug).exists()):
            create_account(name=options["name"], slug=slug, time_zone=options["time_zone"])
        self.stdout.write(slug)

    def list(self, options: dict[str, Any]) -> None:
        rows = list(Account.objects.order_by("slug").values("id", "slug", "name", "time_zone"))
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write(f"{row['slug']}\t{row['name']}\t{row['time_zone']}")
