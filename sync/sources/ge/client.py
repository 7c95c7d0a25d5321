"""The way in to GE's lists that a connection is set to (docs/ge-connection.md)."""

from __future__ import annotations

from accounts.errors import Problem
from sync.dropfolder import OutsideDropFolder
from sync.feedproblem import FeedProblem
from sync.models.connection import Connection
from sync.sources.ge import folder, uploaded
from sync.sources.ge.checks import check_organisation
from sync.sources.ge.dms import DmsClient
from sync.sources.ge.fetched import Client, Fetched
from sync.sources.ge.folder import FolderClient
from sync.sources.ge.http import HttpClient
from sync.sources.ge.lists import HISTORY, LABELS, STOCK
from sync.sources.ge.options import Options, SettingsIncomplete, options_of
from sync.sources.ge.reading import Parsed, read, size_of
from sync.sources.ge.rows import LoadFeed
from sync.sources.ge.uploaded import UploadClient
from sync.wire.verdict import Finding, Verdict, verdict

__all__ = ["Client", "Fetched", "client_for", "test"]

SYSTEM = "GE"


def client_for(connection: Connection, *, guarded: bool = True) -> Client:
    """The client of the transport that `connection` is set to; unless `guarded` its calls pass by the breaker.

    Nothing is opened and no secret read yet. Raises SettingsIncomplete.
    """
    options = options_of(connection)
    if options.transport == "http":
        return HttpClient(connection, options, guarded=guarded)
    if options.transport == "dms":
        return DmsClient(connection, options, guarded=guarded)
    if options.transport == "folder":
        return FolderClient(connection, options)
    return UploadClient(connection, options)


def test(connection: Connection) -> Verdict:
    """Whether `connection` leads to GE's lists of its organisation. Reads the load history, and the stock where that has no load."""
    try:
        options = options_of(connection)
        client = client_for(connection, guarded=False)
        if isinstance(client, UploadClient):
            return Verdict(Finding.OK, f"Nothing to reach: files are uploaded by hand. {uploaded.words(connection)}")
        client.probe()
        return _of_folder(client, options) if isinstance(client, FolderClient) else _of_server(client, options)
    except FeedProblem as problem:
        return Verdict(Finding.NOT_WHAT_IT_CLAIMS, problem.sentence, problem.hint)
    except SettingsIncomplete as problem:
        return Verdict(Finding.WRONG_ACCOUNT, problem.sentence, problem.hint)
    except OutsideDropFolder as problem:
        return Verdict(Finding.UNREACHABLE, problem.sentence, problem.hint)
    except Problem as problem:
        return verdict(problem, system=SYSTEM)


def _of_folder(client: FolderClient, options: Options) -> Verdict:
    files = client.files()
    _, foreign = _history(client, options) if HISTORY in files else (0, None)
    return foreign or Verdict(Finding.OK, f"The folder can be read. {folder.words(files)}")


def _of_server(client: Client, options: Options) -> Verdict:
    loads, foreign = _history(client, options)
    if foreign is not None:
        return foreign
    if not loads and not any(size_of(_read(client, feed)) for feed in STOCK):
        return Verdict(
            Finding.WRONG_ACCOUNT,
            f"{SYSTEM} answers, but lists neither loads nor stock for the organisation {options.org}.",
            "Correct the organisation in the connection's settings, or use a login of that warehouse.",
        )
    return Verdict(Finding.OK, f"{SYSTEM} answers; the {LABELS[HISTORY]} of {options.org} has {loads:,} load{'' if loads == 1 else 's'}.")


def _history(client: Client, options: Options) -> tuple[int, Verdict | None]:
    """How many loads the history has, and the verdict on it when they are another organisation's."""
    history = _read(client, HISTORY)
    assert isinstance(history, LoadFeed)
    foreign = check_organisation(history, options.org)
    if foreign is None:
        return size_of(history), None
    hint = "Use a login of this warehouse, or correct the organisation."
    return size_of(history), Verdict(Finding.WRONG_ACCOUNT, foreign.sentence, hint)


def _read(client: Client, feed: str) -> Parsed:
    fetched = client.fetch(feed)
    return read(feed, fetched.body, filename=fetched.filename)[0]
