"""Django's way to a mail server, which also knows how far it got."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class EmailBackend(smtp.EmailBackend):
    """`handed_over`: the server may have got the mail. `accepted`: it said that it has it, whatever went wrong afterwards."""

    handed_over = False
    accepted = False

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        backend, plain = self, super().connection_class

        class Watched(plain):  # type: ignore[misc, valid-type]
            def data(self, msg: Any) -> tuple[int, bytes]:
                backend.handed_over = True
                code, said = super().data(msg)
                # A refusal after the text is an answer: it has not been taken.
                backend.handed_over = backend.accepted = 200 <= code < 300
                return code, said

        return Watched
