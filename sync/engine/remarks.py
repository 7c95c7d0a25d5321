"""What a run has to say about its feeds, in the form its row keeps."""

from __future__ import annotations

from collections.abc import Sequence

from sync.engine.job import Job
from sync.engine.source import Judged
from sync.models import Verdict

_MOST_ERRORS = 200


def usable_of(job: Job) -> list[Judged]:
    """The feeds that contribute."""
    return [each for each in job.judged.values() if each.verdict != Verdict.INVALID]


def held_of(job: Job) -> int:
    """How many input rows of them have to wait."""
    return sum(len(each.held) for each in usable_of(job))


def said(judged: Judged) -> str:
    """What is wrong with a feed, after its name."""
    return f"{judged.label}: {judged.sentence}"


def in_short(judged: Sequence[Judged]) -> str:
    """What is wrong with several feeds; what several share is said of the first and once."""
    told: list[str] = []
    for code in dict.fromkeys(each.code for each in judged):
        first, *others = [each for each in judged if each.code == code]
        alike = f" The same holds for {', '.join(each.label for each in others)}." if others else ""
        told.append(f"{said(first)}{alike}")
    return " ".join(told)


def errors_of(job: Job) -> list[dict[str, object]]:
    """What is wrong with feeds and with single rows of them, as the run keeps it."""
    found: list[dict[str, object]] = [
        {"feed": each.feed, "part": each.part, "code": each.code, "message": said(each), "hint": each.hint} for each in job.invalid
    ]
    for each in usable_of(job):
        found += [
            {
                "feed": each.feed,
                "part": each.part,
                "row": held.row,
                "code": held.code,
                "message": f"{each.label}: {held.sentence}",
                "hint": "",
            }
            for held in each.held
        ]
    if len(found) > _MOST_ERRORS:
        more = len(found) - _MOST_ERRORS
        found = [*found[:_MOST_ERRORS], {"feed": "", "part": "", "code": "more", "message": f"And {more:,} more.", "hint": ""}]
    return found


def warnings_of(job: Job) -> list[dict[str, object]]:
    """What people should look at, feed by feed."""
    found: list[dict[str, object]] = []
    for each in job.judged.values():
        if each.code and each.verdict != Verdict.INVALID:
            found.append({"feed": each.feed, "part": each.part, "code": each.code, "message": said(each), "hint": each.hint})
        found += [
            {"feed": each.feed, "part": each.part, "code": remark.code, "message": f"{each.label}: {remark.sentence}", "hint": ""}
            for remark in each.warnings
        ]
    return found[:_MOST_ERRORS]
