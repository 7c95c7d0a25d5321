"""The ways a file can be unusable before anybody looks at its columns."""

from __future__ import annotations

from sync.feedproblem import FeedProblem

_AGAIN = "Download the file again and upload it unchanged."


def html() -> FeedProblem:
    """A page came where a list was asked for."""
    return FeedProblem(
        "html",
        "The answer was a web page, not a spreadsheet. The session has probably expired.",
        "Sign in again, download the list again, and open it once to see that it is a list.",
    )


def blank() -> FeedProblem:
    """Not one text in the file: not even a header."""
    return FeedProblem("blank", "The file is blank: it has not even a header row.", _AGAIN)


def unreadable(sentence: str, hint: str = _AGAIN) -> FeedProblem:
    """The bytes can't be made into rows."""
    return FeedProblem("unreadable", sentence, hint)


def damaged(kind: str) -> FeedProblem:
    """A workbook that is cut off or broken inside."""
    return unreadable(f"The {kind} workbook is damaged or was not downloaded to its end.")


def protected() -> FeedProblem:
    """A workbook nobody can read without its password."""
    return unreadable("The workbook is protected by a password.", "Open it, remove the password, save it and upload it again.")


def too_large(what: str) -> FeedProblem:
    """More than the reader takes on."""
    return FeedProblem("too_large", f"The file is too large: {what}.", "Upload the list as it was exported, without other sheets or files.")


def zip_bomb(what: str) -> FeedProblem:
    """A small archive that would fill the memory."""
    return FeedProblem("zip_bomb", f"The workbook was refused: {what}.", "Export the list again, or save it as CSV and upload that.")
