"""How the server answers a call: by which API it came, and what happened just before."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.exchange import Answer, Feed, Request, json_answer
from sandbox.odoo import faults as odoo_faults
from sandbox.odoo import json2, jsonrpc
from sandbox.odoo.calls import Calls
from sandbox.odoo.faults import login_page, page
from sandbox.odoo.keys import KEY
from sandbox.odoo.world import World
from sandbox.switches import Board


class Door(Calls):
    """Answers calls with the world it is given."""

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._meanwhile: list[tuple[str, int, Callable[[], object]]] = []

    def forget(self) -> None:
        """Nothing was asked for, nothing is to happen, the key is the usual one."""
        self.asked.clear()
        self._meanwhile.clear()
        self.key = KEY

    def meanwhile(self, kind: str, number: int, do: Callable[[], object]) -> None:
        """Something that happens just before the number-th call of that kind from now on, 1 being the next one."""
        self._meanwhile.append((kind, number, do))

    def _happens(self, kind: str) -> None:
        waiting, self._meanwhile = self._meanwhile, []
        for of, number, do in waiting:
            if of == kind and number == 1:
                do()
            else:
                self._meanwhile.append((of, number - (of == kind), do))

    def answer(self, world: World, request: Request, faults: list[str]) -> Answer:
        """The answer; names of switches that struck are appended to `faults`."""
        kind = feed_of(request).kind
        with world.lock:
            self._happens(kind)
        found = odoo_faults.instead(self.board, kind, faults)
        if found is None and request.path.startswith("/json/2/"):
            found = json2.answer(self, world, request, kind, faults)
        elif found is None and request.path == "/jsonrpc":
            found = jsonrpc.answer(self, world, request, kind, faults)
        elif found is None:
            found = _page_of(world, request)
        return found


def feed_of(request: Request) -> Feed:
    """The kind of call: the model, login, version or other."""
    parts = request.path.strip("/").split("/")
    if parts[:2] == ["json", "2"] and len(parts) == 4:
        return Feed(parts[2])
    if parts == ["web", "version"]:
        return Feed("version")
    if parts == ["jsonrpc"]:
        params = request.form.get("params")
        given = params if isinstance(params, dict) else {}
        arguments = given.get("args")
        if given.get("service") == "object" and isinstance(arguments, list) and len(arguments) > 3:
            return Feed(str(arguments[3]))
        return Feed("version" if given.get("method") == "version" else "login")
    return Feed("other")


def _page_of(world: World, request: Request) -> Answer:
    if request.path == "/web/version" and world.version >= 19:
        return json_answer({"version_info": [world.version, 0, 0, "final", 0, ""], "version": f"{world.version}.0"})
    return login_page() if request.path in ("/web", "/web/login") else page("Not Found", 404)
