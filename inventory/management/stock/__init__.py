"""The subcommands of `manage.py stock`, one module each: HELP, arguments(parser), and run(command, account, options) -> exit code."""

from __future__ import annotations
