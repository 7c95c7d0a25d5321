"""Files that somebody or something puts into a directory of this machine (docs/ge-connection.md, “Folder”)."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from sync import dropfolder
from sync.feedproblem import FeedProblem
from sync.models.connection import Connection
from sync.sources.ge.fetched import Fetched
from sync.sources.ge.lists import HISTORY, LABELS, LISTS, OPEN, ROSTERS, STOCK, named
from sync.sources.ge.options import Options
from sync.sources.ge.reading import checksum_of, read
from sync.sources.ge.rows import RosterFeed
from sync.wire.errors import Unreachable

ENDINGS = (".xls", ".xlsx", ".csv", ".json")
_NAMES = {
    **{feed: re.compile(rf"(stock-)?{feed.removeprefix('stock:').lower()}(-.*)?") for feed in STOCK},
    OPEN: re.compile(r"loads-(open|for-sale)(-.*)?"),
    HISTORY: re.compile(r"loads?-history(-.*)?"),
    ROSTERS: re.compile(r"(roster|rosters|load-units)(-.*)?"),
}
_TRIES, _PAUSE = 3, 0.5
_AGAIN = "Nothing to do: the next run reads it. A program that writes here should write under another name and rename the file at the end."


@dataclass(frozen=True)
class Found:
    """A file of a list. `name` is as seen in the folder, `modified` a time in nanoseconds."""

    name: str
    modified: int


class FolderClient:
    """The newest file of each list. Nothing in the folder is changed."""

    in_parallel = False

    def __init__(self, connection: Connection, options: Options, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.footer_promised = options.footer_promised
        self._account = connection.account
        self._folder = options.texts["folder"]
        self._sleep = sleep
        self._rosters: dict[str, str] | None = None
        self._unreadable: list[str] = []

    def probe(self) -> None:
        """Whether the folder is there. Raises Unreachable, OutsideDropFolder."""
        self.files()

    def files(self) -> dict[str, list[Found]]:
        """The files of each list that has any, newest first. Raises Unreachable, OutsideDropFolder."""
        found: dict[str, list[Found]] = {}
        try:
            with os.scandir(self._directory()) as entries:
                for entry in entries:
                    feed = feed_of(entry.name)
                    if feed and entry.is_file():
                        found.setdefault(feed, []).append(Found(entry.name, entry.stat().st_mtime_ns))
        except OSError as error:
            raise Unreachable(
                f"The folder “{self._folder}” {_reason(error)}.",
                hint=f"The operator of this machine makes it inside drop/{self._account.slug}, readable for the worker.",
                code="folder",
            ) from None
        return {feed: sorted(files, key=lambda file: (-file.modified, file.name)) for feed, files in found.items()}

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """The newest file of `feed`; of the rosters the newest one with load `part`.

        Raises FeedProblem not_there, changing, too_large, unreadable; Unreachable, OutsideDropFolder.
        """
        if feed == ROSTERS:
            return self._file(self._roster_with(part))
        files = self.files().get(feed, [])
        if not files:
            raise _not_there(f"There is no file of {named(feed)} in the folder.", feed)
        return self._file(files[0].name)

    def _roster_with(self, part: str) -> str:
        if self._rosters is None:
            self._rosters = self._roster_names()
        if part not in self._rosters:
            also = f" These could not be read: {', '.join(self._unreadable[:5])}." if self._unreadable else ""
            raise _not_there(f"No roster file in the folder has load {part}.", ROSTERS, also)
        return self._rosters[part]

    def _roster_names(self) -> dict[str, str]:
        """The newest file of each load. A file that can't be read stands for the load in its name: the run then says what is wrong."""
        names: dict[str, str] = {}
        for file in self.files().get(ROSTERS, []):
            try:
                fetched = self._file(file.name)
                roster, _ = read(ROSTERS, fetched.body, filename=file.name)
                assert isinstance(roster, RosterFeed)
                numbers = {row.load_number for row in roster.rows}
            except FeedProblem:
                self._unreadable.append(file.name)
                numbers = set()
            for number in numbers | set(re.findall(r"[0-9A-Z]{3}[0-9]{14}", file.name.upper())):
                names.setdefault(number, file.name)
        return names

    def _file(self, name: str) -> Fetched:
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(_PAUSE)
            read_file = self._unchanged(name)
            if read_file is not None:
                body, modified = read_file
                taken_at = min(datetime.fromtimestamp(modified, UTC), datetime.now(UTC))
                return Fetched(body, "", name, taken_at, checksum_of(body), "folder")
        raise FeedProblem("changing", f"{name}: the file was being written while it was read.", _AGAIN)

    def _unchanged(self, name: str) -> tuple[bytes, float] | None:
        """The content of a file and when it was last written; None when somebody changed or replaced it meanwhile."""
        path = self._inside(name)
        try:
            # Without waiting for a writer at the other end of a pipe, and never through a link that was put there just now.
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(number, "rb") as file:
                before = os.fstat(number)
                if not stat.S_ISREG(before.st_mode):
                    raise FeedProblem("unreadable", f"{name}: this is not a file.", "Put the list itself there.")
                if before.st_size > settings.UPLOAD_LIMIT:
                    raise FeedProblem(
                        "too_large",
                        f"{name}: the file is too large: it has {before.st_size:,} bytes, {settings.UPLOAD_LIMIT:,} are allowed.",
                        "Put the list there as it was exported, without other sheets.",
                    )
                body = file.read(before.st_size + 1)
                after = os.fstat(number)
            same = os.path.samestat(after, os.stat(self._inside(name)))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                return None
            raise FeedProblem("unreadable", f"{name}: the file {_reason(error)}.", "Make it readable for the worker.") from None
        if not same or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(body) != before.st_size:
            return None
        return body, before.st_mtime

    def _directory(self) -> Path:
        return dropfolder.inside(self._account, self._folder)

    def _inside(self, name: str) -> Path:
        return dropfolder.inside(self._account, str(self._directory() / name))


def feed_of(name: str) -> str:
    """The list that a file of this name holds; blank for any other file."""
    stem, ending = os.path.splitext(name.lower())
    if ending not in ENDINGS or stem.startswith((".", "~")):
        return ""
    plain = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")
    return next((feed for feed, pattern in _NAMES.items() if pattern.fullmatch(plain)), "")


def words(files: dict[str, list[Found]]) -> str:
    """What there is, in a sentence or two."""
    have = [LABELS[feed] for feed in LISTS if feed in files]
    lack = [LABELS[feed] for feed in LISTS if feed not in files]
    if not have:
        return "It holds no list yet."
    return f"It holds {', '.join(have)}." + (f" There is no file yet for {', '.join(lack)}." if lack else "")


def _not_there(sentence: str, feed: str, also: str = "") -> FeedProblem:
    beginning = {OPEN: "loads-open", HISTORY: "loads-history", ROSTERS: "roster"}.get(feed, LABELS[feed])
    return FeedProblem("not_there", sentence, f"Put one there whose name begins with “{beginning}”.{also}")


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there"
    if isinstance(error, NotADirectoryError):
        return "is not a folder"
    return "may not be read by this program" if isinstance(error, PermissionError) else "can't be read"
