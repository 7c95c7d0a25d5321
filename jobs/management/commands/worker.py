from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobs.supervisor import AlreadyRunning, Supervisor


class Command(BaseCommand):
    help = "Run the background work: the clusters push and sync, supervised. Stops cleanly on SIGTERM and Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--push-workers",
            type=int,
            default=settings.Q_CLUSTER["ALT_CLUSTERS"]["push"]["workers"],
            help="worker processes of cluster push",
        )
        parser.add_argument("--sync-workers", type=int, default=settings.Q_CLUSTER["workers"], help="worker processes of cluster sync")
        parser.add_argument("--beat-seconds", type=float, default=3.0, help="how often each cluster is looked at")
        parser.add_argument(
            "--wedge-seconds", type=float, default=12.0, help="how long a cluster with a free worker may leave a beat unanswered"
        )
        parser.add_argument("--stop-seconds", type=float, default=30.0, help="how long tasks in hand may go on after a stop signal")

    def handle(self, *_args: Any, **options: Any) -> None:
        for name in ("push_workers", "sync_workers", "beat_seconds", "wedge_seconds"):
            if options[name] <= 0:
                raise CommandError(f"--{name.replace('_', '-')} must be more than 0.", returncode=2)
        # The supervisor's own enqueues are beats only: one line for each would drown the rest.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        supervisor = Supervisor(
            folder=settings.DATA_DIR / "worker",
            workers={"push": options["push_workers"], "sync": options["sync_workers"]},
            beat_seconds=options["beat_seconds"],
            wedge_seconds=options["wedge_seconds"],
            stop_seconds=options["stop_seconds"],
        )
        try:
            supervisor.run()
        except AlreadyRunning as error:
            raise CommandError(str(error), returncode=2) from error
