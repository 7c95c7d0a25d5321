"""Rows of the audit log in words: what was before beside what came after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NOTHING = "–"
DIFFERENCE = "difference"
"""Under this name rows may say by how much numbers have changed, by their names."""
IN_SHORT = 3

PAGES: dict[str, str] = {}
"""The names of the pages of entities that every reader of the log may open; apps above add theirs when their admin is loaded."""

Values = Mapping[str, Any]


def in_words(action: str) -> str:
    """AUTO_SYNC_CORRECTION as people read it."""
    return action.replace("_", " ").capitalize()


def which(entity: str, entity_id: str) -> SafeString | str:
    """What a row speaks of, by its id, as a link to its page where it has one."""
    if entity not in PAGES or not entity_id.isdecimal():
        return entity_id or NOTHING
    return format_html('<a class="ls-link" href="{}">{}</a>', reverse(f"admin:{PAGES[entity]}", args=[entity_id]), entity_id)


def in_short(before: Values, after: Values) -> str:
    """The fields that changed, in a line; what was added or deleted as a whole says nothing here."""
    by = _differences(after)
    if by:
        name = str(after.get("productNumber", ""))
        parts = [f"{field} {_shown(before, field)} → {_shown(after, field)} ({signed(value)})" for field, value in by.items() if value]
        return f"{name}: {', '.join(parts)}" if name else ", ".join(parts)
    changed = [name for name in after if name in before and before[name] != after[name]]
    parts = [f"{name} {_shown(before, name)} → {_shown(after, name)}" for name in changed[:IN_SHORT]]
    return ", ".join(parts) + (" …" if len(changed) > IN_SHORT else "")


def side_by_side(before: Values, after: Values) -> SafeString:
    """A table of all fields, those with a difference first; empty where there is none."""
    by = _differences(after)
    names = [*by, *(name for name in {**before, **after} if name not in by and not (by and name == DIFFERENCE))]
    if not names:
        return format_html("")
    heads = ("Field", "Before", "After", *(("Difference",) if by else ()))
    rows = format_html_join("", "<tr>{}</tr>", ((_row(name, before, after, by),) for name in names))
    return format_html(
        '<table class="ls-table ls-whole"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        rows,
    )


def signed(value: float) -> str:
    """A change with its sign: +5, −3."""
    return f"+{value:,}" if value > 0 else f"{value:,}".replace("-", "−")


def _row(name: str, before: Values, after: Values, by: Values) -> SafeString:
    cells = [("Before", _shown(before, name)), ("After", _shown(after, name))]
    if by:
        cells.append(("Difference", signed(by[name]) if name in by else ""))
    changed = name in before and name in after and before[name] != after[name]
    stressed = format_html('<strong class="ls-strong">{}</strong>', name) if changed else name
    return format_html('<th scope="row">{}</th>{}', stressed, format_html_join("", '<td data-label="{}">{}</td>', cells))


def _differences(after: Values) -> Values:
    """By how much each number changed, where the row says it."""
    by = after.get(DIFFERENCE)
    if not isinstance(by, dict) or not by or not all(isinstance(value, int | float) for value in by.values()):
        return {}
    return by


def _shown(values: Values, name: str) -> str:
    if name not in values:
        return NOTHING
    value = values[name]
    if value in (None, ""):
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
