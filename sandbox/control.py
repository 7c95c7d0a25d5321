"""The control page at /_control/: what each system is doing, switches, next day, reset. As HTML for people and JSON for tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from sandbox.exchange import Answer, Request, html_answer, json_answer
from sandbox.switches import SwitchError
from sandbox.system import Action, ActionError, System, Table

PREFIX = "/_control"

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1f2430;background:#fff}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #d9dce3;vertical-align:top}
button{font:inherit;padding:.25rem .8rem;cursor:pointer}input,select{font:inherit;width:8rem}.on{font-weight:700}form{display:inline}
.action{display:block;margin:.4rem 0}summary{cursor:pointer}
.numbers th{width:8rem}details{margin:1rem 0}code{background:#f2f3f6;padding:0 .2rem}
@media(max-width:40rem){td,th{display:block;border:0}tr{border-bottom:1px solid #d9dce3;display:block}}
"""


def report(system: System) -> dict[str, Any]:
    """Everything a test may ask about one system."""
    return {**system.overview(), "switches": system.board.listed(), **system.journal.report()}


def control(request: Request, systems: Mapping[str, System]) -> Answer:
    """The page, the JSON (`/_control/state`, or `Accept: application/json`), all of a system's table (`/_control/<system>/<table>`), or
    an action (`POST /_control/<system>/<action>`).
    """
    parts = [part for part in request.path.strip("/").split("/") if part]
    if request.method in ("GET", "HEAD"):
        if parts in ([], ["state"]):
            if parts or "text/html" not in request.accept:
                return json_answer({name: report(system) for name, system in systems.items()})
            return html_answer(_page(systems))
        if len(parts) == 1 and parts[0] in systems:
            return json_answer(report(systems[parts[0]]))
        found = systems[parts[0]].rows(parts[1]) if len(parts) == 2 and parts[0] in systems else None
        if found is not None:
            return json_answer(found)
    elif len(parts) == 2 and parts[0] in systems:
        return _act(request, systems[parts[0]], parts[1])
    return json_answer({"error": "There is nothing here."}, 404)


def _act(request: Request, system: System, action: str) -> Answer:
    values = dict(request.form)
    try:
        if action == "switch":
            system.board.turn_on(str(values.pop("name", "")), values)
        elif action == "off":
            system.board.turn_off(str(values.get("name", "")))
        elif action == "clear":
            system.board.clear()
        elif action == "forget":
            system.journal.forget()
        else:
            system.act(action, values)
    except (SwitchError, ActionError) as error:
        return (
            html_answer(f"<p>{escape(str(error))}</p>", 400) if "text/html" in request.accept else json_answer({"error": str(error)}, 400)
        )
    if "text/html" in request.accept:
        return Answer(303, headers={"Location": f"{PREFIX}/#{system.name}"})
    return json_answer(report(system))


def _page(systems: Mapping[str, System]) -> str:
    sections = "".join(_section(system) for system in systems.values())
    contents = " · ".join(f'<a href="#{system.name}">{escape(system.title)}</a>' for system in systems.values())
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sandbox</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        "<body><h1>Sandbox</h1>"
        "<p>Stand-ins for the outside systems. Turn a fault on, then sync or push in Levelstock and see what it makes of it.</p>"
        f"<p>{contents}</p>{sections}</body></html>"
    )


def _section(system: System) -> str:
    overview = system.overview()
    on = {row["name"]: row for row in system.board.listed()}
    numbers = "".join(f"<tr><th>{escape(_spaced(key))}</th><td>{escape(_words(value))}</td></tr>" for key, value in overview.items())
    rows = "".join(_switch_row(system, name, text, on.get(name)) for name, text in system.board.known.items())
    last = "".join(
        f"<tr><td>{row['number']}</td><td>{escape(row['method'])} {escape(row['path'])}</td>"
        f"<td>{escape(row['feed'])} {escape(row['load'])}</td><td>{row['status'] or 'reset'}</td>"
        f"<td>{escape(', '.join(row['faults']))}</td></tr>"
        for row in reversed(system.journal.report()["requests"][-30:])
    )
    return (
        f'<section id="{system.name}"><h2>{escape(system.title)}</h2><table class="numbers">{numbers}</table>'
        f"<p>{''.join(_action(system, action) for action in system.actions)} {_button(system, 'clear', 'All switches off')}</p>"
        f"{''.join(_table(table) for table in system.tables())}"
        f"<table><tr><th>Switch</th><th>What it does</th><th>State</th></tr>{rows}</table>"
        f"<details><summary>Last calls</summary><table><tr><th>No.</th><th>Call</th><th>Feed</th><th>Status</th><th>Faults</th></tr>"
        f"{last}</table></details></section>"
    )


def _words(value: object) -> str:
    return ", ".join(f"{key}: {number}" for key, number in value.items()) if isinstance(value, dict) else str(value)


def _spaced(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f" {letter[0].lower()}", name)


def _button(system: System, action: str, label: str) -> str:
    return f'<form method="post" action="{PREFIX}/{system.name}/{action}"><button>{label}</button></form>'


def _action(system: System, action: Action) -> str:
    if not action.fields:
        return _button(system, action.name, escape(action.label)) + " "
    fields = "".join(
        f'<input name="{field}" placeholder="{field}" aria-label="{field}: {escape(action.label)}"> ' for field in action.fields
    )
    here, does = f"{PREFIX}/{system.name}/{action.name}", escape(action.label)
    return f'<form class="action" method="post" action="{here}">{fields}<button>{does}</button> {escape(action.help)}</form>'


def _table(table: Table) -> str:
    if not table.of:
        return f"<p>{escape(table.title)}: none yet.</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in table.rows)
    newest = f", the newest {len(table.rows)} of {table.of}" if table.of > len(table.rows) else f" ({table.of})"
    shown = "" if table.folded else " open"
    return f"<details{shown}><summary>{escape(table.title)}{newest}</summary><table><tr>{head}</tr>{rows}</table></details>"


def _switch_row(system: System, name: str, text: str, on: dict[str, Any] | None) -> str:
    here = f"{PREFIX}/{system.name}"
    if on is not None:
        scope = ", ".join(on["feeds"]) or "all"
        times = f", {on['times']} more times" if on["times"] else ""
        state = (
            f'<span class="on">On</span> ({escape(scope)}{times}) '
            f'<form method="post" action="{here}/off"><input type="hidden" name="name" value="{name}">'
            f'<button aria-label="Turn {name} off">Turn off</button></form>'
        )
    else:
        choices = "".join(f'<option value="{feed}">{feed}</option>' for feed in system.feeds)
        # The settings that the description names in backticks.
        fields = "".join(_field(setting, name) for setting in re.findall(r"`(\w+)`", text) if setting != "times")
        state = (
            f'Off <form method="post" action="{here}/switch"><input type="hidden" name="name" value="{name}">'
            f'<select name="feeds" aria-label="Feed for {name}"><option value="">all</option>{choices}</select> '
            f'{fields}{_field("times", name)}<button aria-label="Turn {name} on">Turn on</button></form>'
        )
    marked = re.sub(r"`(\w+)`", r"<code>\1</code>", escape(text))
    return f"<tr><td><code>{name}</code></td><td>{marked}</td><td>{state}</td></tr>"


def _field(setting: str, switch: str) -> str:
    return f'<input name="{setting}" placeholder="{setting}" aria-label="{setting} of {switch}"> '
