"""A browser, the web server, the background workers and the sandbox, all as they run in a shop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, TimeoutError, expect, sync_playwright

from accounts.models import Member
from accounts.roles import Role
from sandbox.server import Sandbox, start
from tests.build import PASSWORD, make_member
from tests.jobs.conftest import Worker, start_worker
from tests.sync.ge.shop import Shop, make_sandbox_shop

__all__ = ["start_worker"]

NARROW = {"width": 390, "height": 844}
PATIENCE_MS = 60_000
"""How long anything may take to be seen: a busy machine fails no test, and a quiet one waits no longer than it must."""

SETTLING_MS = 20_000
"""How long a page may take to be whole."""

expect.set_options(timeout=PATIENCE_MS)


def open_page(browser: Browser, **options: Any) -> Page:
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey is walked by half a dozen processes, of which the browser is not ours: one that fails is walked once more, and listed."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """The machine's Chromium, or the one that playwright has installed.

    Its driver runs an event loop in this thread, in which Django would refuse to ask the database; it ends with the module, as the tests of
    others may want a loop of their own.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"There is no browser to test with: {error}")
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser, live_server: object) -> Iterator[Page]:
    """A tab as wide as a telephone, on the test's own server."""
    page = open_page(chromium, viewport=NARROW, base_url=str(live_server))
    yield page
    page.context.close()


def log_in(page: Page, member: Member) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", member.user.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#account-name")).to_have_text(member.account.name)


@dataclass
class Visitor:
    """Somebody at a browser window; what the page's scripts complain about is kept."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open an address of the hub; the answer's status."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        return answer.status

    def choose(self, name: str) -> None:
        """Follow the first link or press the first button of that name, as soon as it is there."""
        button, link = (self.page.get_by_role(role, name=name, exact=True) for role in ("button", "link"))
        button.or_(link).first.click()

    def reads(self, text: str) -> None:
        """The page shows this text, now or soon."""
        self.page.get_by_text(text).first.wait_for()

    def is_narrow_enough(self) -> bool:
        """Whether the page, once it is whole, fits its window without scrolling sideways."""
        fits = "document.readyState === 'complete' && document.documentElement.scrollWidth <= window.innerWidth"
        try:
            self.page.wait_for_function(fits, timeout=SETTLING_MS)
        except TimeoutError:
            return False
        return True


@pytest.fixture
def enter(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Lets a member log in, in a window of their own."""
    visitors: list[Visitor] = []

    def open_window(username: str, *, width: int = 1400) -> Visitor:
        page = open_page(chromium, viewport={"width": width, "height": 900})
        visitor = Visitor(page, str(live_server))
        visitors.append(visitor)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error" and "favicon" not in message.location.get("url", "") and "status of 4" not in message.text:
                visitor.complaints.append(message.text)

        page.on("console", hear)
        visitor.go("/admin/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/")
        return visitor

    yield open_window
    for visitor in visitors:
        assert visitor.complaints == []
        visitor.page.context.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with start(data=tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox, transactional_db: None) -> Shop:
    """A shop that reads the sandbox, and a member of each role, named after it."""
    shop = make_sandbox_shop(sandbox, "Corner Appliances")
    for role in Role:
        make_member(shop.account, role, role.value)
    return shop


@pytest.fixture
def busy_shop(shop: Shop, start_worker: Callable[..., Worker]) -> Shop:
    """The shop with its workers running."""
    start_worker().wait_for_beats()
    return shop
