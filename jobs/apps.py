from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from django_q.signals import pre_execute

        from jobs import beating, checks, clock, vitals

        post_migrate.connect(clock.install_tick, sender=self, dispatch_uid="jobs.clock.install_tick")
        post_save.connect(_account_saved, sender="accounts.Account", dispatch_uid="jobs.schedule.follow_time_zone")
        pre_execute.connect(beating.mark, dispatch_uid="jobs.beating.mark")
        logging.getLogger("django-q").addFilter(beating.WithoutBeats())
        checks.register()
        vitals.register()


def _account_saved(instance: Any, **_signal: Any) -> None:
    from jobs import schedule

    schedule.follow_time_zone(instance)
