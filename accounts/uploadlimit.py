"""How large a file may be that somebody sends, through whatever door."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from accounts.errors import Problem

PATIENCE = 16
"""Up to so many times the limit the rest of a request is taken off the line, so that its sender gets to read the answer."""


class FileTooLarge(Problem, RequestDataTooBig):
    """Refused: a file is larger than UPLOAD_LIMIT."""

    status = 413
    code = "too_large"
    hint = "Send the file as it was exported, without other sheets, or in parts."

    def __init__(self, filename: str) -> None:
        megabytes = settings.UPLOAD_LIMIT / 1024 / 1024
        super().__init__(f"{filename or 'The file'}: the file is too large; at most {megabytes:g} MB are taken.")


class UploadLimit(FileUploadHandler):
    """Comes first of Django's upload handlers: of a file that is too large nothing more is kept, and the request ends in FileTooLarge."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None
    ) -> tuple[Any, Any] | None:
        if content_length > PATIENCE * settings.UPLOAD_LIMIT:
            raise FileTooLarge("")
        return None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        return raw_data if self._received <= settings.UPLOAD_LIMIT else None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self._received > settings.UPLOAD_LIMIT:
            raise FileTooLarge(self.file_name or "")
        return None
