from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from accounts.models import Member
from tests.build import PASSWORD

NARROW = {"width": 390, "height": 844}


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
    context = chromium.new_context(viewport=NARROW, base_url=str(live_server))
    page = context.new_page()
    yield page
    context.close()


def log_in(page: Page, member: Member) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", member.user.username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#account-name")).to_have_text(member.account.name)
