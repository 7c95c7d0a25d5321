from __future__ import annotations

import json
import logging
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.utils.encoders import JSONEncoder

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.management.verbs import account_called
from alerts import backtest, forecasting, suggestions
from alerts.api.forecasts import ForecastRunSerializer, ForecastSerializer
from alerts.models import Forecast
from inventory.keys import sku_key

ERROR = 2
HEADS = ("demand", "method", "MAE", "RMSE", "WAPE", "MASE", "filled", "days short", "stock days")


class Command(BaseCommand):
    help = """What sells and what to buy, for example: manage.py forecast show SOIL-25 --account 7qx

Exit codes: 0 done; 2 refused, or there is no such forecast."""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="work out all forecasts of an account now")
        show = verbs.add_parser("show", help="a product's forecast with the sum behind every number")
        show.add_argument("sku")
        for own in (run, show):
            own.add_argument("--account", required=True, metavar="SLUG")
        test = verbs.add_parser("backtest", help="try the forecast on invented demand, beside the plain formula and the last week")
        test.add_argument("--seed", type=int, default=backtest.SEED)
        test.add_argument("--series", type=int, default=backtest.EACH, help="of each kind of demand (default %(default)s)")
        for own in (run, show, test):
            own.add_argument("--json", action="store_true", help="print the answer for programs")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        # Who asked for a forecast is not asking for the queue's own line.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        try:
            getattr(self, f"_{verb}")(options)
        except Problem as problem:
            raise CommandError(f"{problem.sentence} {problem.hint}".strip(), returncode=ERROR) from problem

    def _run(self, options: dict[str, Any]) -> None:
        found = forecasting.start(Actor.system(account_called(options["account"]), "command line"))
        self._print(options, ForecastRunSerializer(found).data, [found.sentence])

    def _show(self, options: dict[str, Any]) -> None:
        account = account_called(options["account"])
        rows: Any = suggestions.with_drafts(Forecast.objects.filter(account=account, product__sku_key=sku_key(options["sku"])))
        found = list(rows.select_related("product__vendor", "warehouse").order_by("-product__active", "product"))
        if not found:
            raise CommandError(f"There is no forecast of “{options['sku']}”: nothing of it is there, known or wanted.", returncode=ERROR)
        lines = []
        for row in found:
            lines += [f"{row.product}: {row.get_basis_display().lower()}"]
            lines += [f"  {step['name']}: {step['value']}. {step['sum']}" for step in row.explanation]
            lines += [f"  On draft {row.draft}."] if row.draft else []
        self._print(options, ForecastSerializer(found, many=True).data, lines)

    def _backtest(self, options: dict[str, Any]) -> None:
        if not 1 <= options["series"] <= 1000:
            raise CommandError("Give from 1 to 1,000 series.", returncode=ERROR)
        scores = backtest.run(options["seed"], options["series"])
        rows = [
            (
                score.kind,
                score.method,
                f"{score.mae:.1f}",
                f"{score.rmse:.1f}",
                f"{score.wape:.1%}",
                "" if score.mase is None else f"{score.mase:.2f}",
                f"{score.filled:.1%}",
                f"{score.days_short:.1%}",
                f"{score.stock_days:.0f}",
            )
            for score in scores
        ]
        self._print(options, [score.stored() for score in scores], [_line(HEADS), _line(["---"] * len(HEADS)), *map(_line, rows)])

    def _print(self, options: dict[str, Any], answer: Any, lines: list[str]) -> None:
        text = json.dumps(answer, cls=JSONEncoder, indent=2, ensure_ascii=False) if options["json"] else "\n".join(lines)
        self.stdout.write(text)


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
