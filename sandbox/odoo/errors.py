"""What the server says instead of a result."""

from __future__ import annotations

from typing import Any


class ServerError(Exception):
    """An exception of the server's: `name` is its Python name there, `status` what JSON-2 answers with."""

    def __init__(self, name: str, message: str, status: int, *, arguments: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status
        self.arguments = arguments or (message,)

    def said(self) -> dict[str, Any]:
        """Name, message, arguments, context and the traceback that nobody should see."""
        place = '  File "/opt/odoo/odoo/http.py", line 2173, in _transactioning'
        trace = f"Traceback (most recent call last):\n{place}\n{self.name}: {self.message}\n"
        return {"name": self.name, "message": self.message, "arguments": list(self.arguments), "context": {}, "debug": trace}


def value_error(message: str) -> ServerError:
    return ServerError("builtins.ValueError", message, 500)


def type_error(message: str) -> ServerError:
    return ServerError("builtins.TypeError", message, 500)


def unprocessable(message: str) -> ServerError:
    return ServerError("werkzeug.exceptions.UnprocessableEntity", message, 422, arguments=(message, 422))


def no_access(message: str) -> ServerError:
    return ServerError("odoo.exceptions.AccessError", message, 403)


def not_found(message: str) -> ServerError:
    return ServerError("werkzeug.exceptions.NotFound", message, 404, arguments=(message, 404))


def user_error(message: str) -> ServerError:
    return ServerError("odoo.exceptions.UserError", message, 422)
