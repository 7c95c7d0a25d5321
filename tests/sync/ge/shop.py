"""A shop whose GE lists are uploaded by hand: the cast of the sync's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from inventory import catalogue, scanning
from inventory.models import Load, Product, Scan, ScanSession, Unit
from sandbox.ge.rows import TOKEN
from sandbox.server import Sandbox
from sync import confirmations, connections, runs
from sync.models import Connection, Kind, SyncChange, SyncRun, Trigger
from sync.sources.ge import uploaded, uploads
from sync.sources.ge.lists import BUCKETS
from tests.build import make_account, make_actor
from tests.sync.ge import files, sums, uploading


@dataclass
class Shop:
    """One business account with one GE connection."""

    account: Account
    owner: Actor
    connection: Connection
    manager: Actor = field(init=False)
    last: SyncRun = field(init=False)
    """The last run that was worked."""
    may_break: bool = False
    """Whether a run of this shop may end in a way that nobody has thought of."""

    def __post_init__(self) -> None:
        self.manager = make_actor(self.account, Role.MANAGER)

    def spoil_roster(self, number: str) -> None:
        """The newest roster of a load can't be read."""
        uploading.kept(self.connection, "load:units", b"MODELS,SERIALS\n", filename="spoilt.csv", covers=(number,))

    def confirm(self, feed: str, code: str) -> None:
        """The manager's word that the newest upload of a list is right, whatever speaks against it."""
        document = uploaded.newest(self.connection, feed)
        assert document is not None
        confirmations.confirm(self.manager, self.connection, feed, document.checksum, code)

    def undo(self, run: SyncRun) -> SyncRun:
        """Take a run back."""
        return self.work(runs.undo(self.manager, run))

    def upload(self, feed: str, content: bytes, name: str = "") -> None:
        """Put a file into its place; `load:units:NUMBER` is a roster."""
        kind = "load:units" if feed.startswith("load:units") else feed
        uploads.upload(self.owner, self.connection, kind, name or f"{feed.replace(':', '-')}.xls", content)

    def bring(self, lists: Mapping[str, bytes]) -> None:
        """Upload all these lists."""
        for feed, content in lists.items():
            self.upload(feed, content)

    def stock(self, **buckets: list[files.Row]) -> None:
        """Upload stock lists by bucket, each with the footer that fits."""
        for bucket, rows in buckets.items():
            self.upload(f"stock:{bucket}", files.stock_csv(rows))

    def loads(
        self, *history: files.Row, notes: Mapping[str, str] | None = None, rosters: Mapping[str, list[files.Row]] | None = None
    ) -> None:
        """Upload the load history, the loads for sale that go with it, and rosters by load."""
        self.upload("loads:history", files.loads_xls(history, history=True))
        opened = [files.for_sale(row[1], int(row[7]), (notes or {}).get(row[1], "")) for row in history if row[4] == "FOR SALE"]
        self.upload("loads:open", files.loads_xls(opened))
        for number, rows in (rosters or {}).items():
            self.upload(f"load:units:{number}", files.roster_csv(rows))

    def day(
        self,
        *,
        FG: Sequence[files.Row] = (),
        ASIS: Sequence[files.Row] = (),
        STA: Sequence[files.Row] = (),
        loads: Sequence[files.Row] = (),
        notes: Mapping[str, str] | None = None,
        rosters: Mapping[str, list[files.Row]] | None = None,
    ) -> SyncRun:
        """Everything that GE lists on a day lies ready, without the judging of uploads (they have tests of their own); sync it."""
        opened = [files.for_sale(row[1], int(row[7]), (notes or {}).get(row[1], "")) for row in loads if row[4] == "FOR SALE"]
        lists = [(f"stock:{bucket}", files.stock_csv(rows), ()) for bucket, rows in (("FG", FG), ("ASIS", ASIS), ("STA", STA))]
        lists += [("loads:history", files.csv_bytes(files.LOADS_HISTORY, loads), ())]
        lists += [("loads:open", files.csv_bytes(files.LOADS_OPEN, opened), ())]
        lists += [("load:units", files.roster_csv(rows), (number,)) for number, rows in (rosters or {}).items()]
        for feed, content, covers in lists:
            uploading.kept(self.connection, feed, content, filename="", covers=covers, taken_at=timezone.now())
        return self.sync()

    def sync(self, scope: str = "inventory", kind: Kind = Kind.SYNC) -> SyncRun:
        """Start a run, work it, and give it as it ended; its sums are checked."""
        run = runs.start(self.owner, self.connection, scope, kind=kind, trigger=Trigger.BUTTON)
        before = sums.on_hand(run)
        self.work(run)
        if run.applied_at is not None:
            sums.assert_sums(run, before)
        return run

    def work(self, run: SyncRun) -> SyncRun:
        runs.execute(run.pk)
        run.refresh_from_db()
        self.last = run
        assert self.may_break or "unexpected" not in {error["code"] for error in run.errors}, run.message
        return run

    def unit(self, serial: str) -> Unit:
        return Unit.objects.get(warehouse=self.connection.warehouse, serial_key=serial)

    def bulk(self, bucket: str, model: str) -> Unit:
        return Unit.objects.get(warehouse=self.connection.warehouse, bucket=bucket, model_key=model, serial_key=None)

    def session(self, place: str) -> ScanSession:
        """The session of a bucket or of the load of that number."""
        sessions = ScanSession.objects.filter(warehouse=self.connection.warehouse)
        return sessions.get(bucket=place) if place in BUCKETS else sessions.get(load__number=place)

    def scan(self, place: str, text: str) -> Scan:
        """Somebody scans a unit in the session of a bucket or load."""
        return scanning.scan(self.owner, self.session(place), text).scan

    def product(self, sku: str, **fields: Any) -> Product:
        return catalogue.add_product(self.owner, sku=sku, **fields)

    def load(self, number: str) -> Load:
        return Load.objects.get(warehouse=self.connection.warehouse, number=number)

    def on_hand(self) -> dict[str, str]:
        """Bucket by serial, of the units that are not gone."""
        units = Unit.objects.filter(warehouse=self.connection.warehouse, gone_at=None, serial_key__isnull=False)
        return dict(units.values_list("serial_key", "bucket"))


def make_shop(name: str = "7QX", *, time_zone: str = "UTC", **settings: Any) -> Shop:
    account = make_account(name, time_zone=time_zone)
    owner = make_actor(account)
    return Shop(account, owner, connections.add(owner, system="ge", name="GE", settings={"transport": "upload", "org": "7QX", **settings}))


def make_sandbox_shop(sandbox: Sandbox, name: str = "7QX") -> Shop:
    """A shop that reads its lists over HTTP from a running sandbox, when somebody starts a sync.

    The clock of a worker starts none: it would read a new connection for the first time after half a minute, and again at some minute.
    """
    account = make_account(name)
    owner = make_actor(account)
    connection = connections.add(
        owner,
        system="ge",
        name="GE",
        base_url=f"{sandbox.url}/ge",
        settings={"transport": "http", "org": "7QX"},
        secrets={"token": TOKEN},
    )
    return Shop(account, owner, connections.set_auto_sync(owner, connection, False))


def changes(run: SyncRun) -> list[tuple[str, str, str | None, str | None]]:
    """What a run logged: type, label, old and new, in order."""
    return list(SyncChange.objects.filter(run=run).order_by("seq").values_list("type", "label", "old", "new"))


def changes_of(run: SyncRun, label: str) -> list[tuple[str, str | None, str | None]]:
    """What a run logged about one unit, load or conflict: type, old and new, in order."""
    return [(type_, old, new) for type_, name, old, new in changes(run) if name == label]


def types(run: SyncRun) -> dict[str, int]:
    """How many change rows of each type a run logged."""
    found: dict[str, int] = {}
    for type_, *_ in changes(run):
        found[type_] = found.get(type_, 0) + 1
    return found
