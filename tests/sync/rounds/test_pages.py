"""The button that syncs everything, the page of a round while it goes on and after, and the page of all types."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.roles import Role
from sync.models import Cursor, Round, Status
from sync.rounds import advancing
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account, make_member
from tests.sync.rounds.fake import Chain, refused
from tests.sync.rounds.test_doors import READ_TO

ALL = "/admin/sync/round/all/"
START = "/admin/sync/round/all/start/"


def browser(chain: Chain, role: Role) -> Client:
    client = Client()
    client.force_login(make_member(chain.account, role, role.value).user)
    return client


@pytest.fixture
def staff(chain: Chain) -> Client:
    return browser(chain, Role.STAFF)


def test_the_button_on_the_first_screen_leads_to_the_round(chain: Chain, staff: Client) -> None:
    assert f'action="{START}"' in staff.get("/admin/").content.decode()
    answer = staff.post(START, follow=True)
    found = Round.objects.get()
    assert answer.redirect_chain[-1][0] == f"/admin/sync/round/{found.pk}/change/"
    assert "0 of 5 syncs are done." in text_of(answer)
    shown = staff.get("/admin/").content.decode()
    assert f'action="{START}"' not in shown
    assert f"Everything is being synced: round {found.pk}" in shown
    assert "is already at it" in text_of(staff.post(START, follow=True))


def test_what_failed_is_said_though_another_data_set_was_read_well_since(chain: Chain, staff: Client) -> None:
    chain.next("Till", "branches", refused)
    chain.sync()
    assert "Till: the last “Sync branches of Till” failed. The login may not do that." in page(staff, "/admin/")


def test_a_page_follows_its_round_until_it_is_over(chain: Chain, staff: Client) -> None:
    chain.next("Till", "sales", refused)
    found = chain.start()
    advancing.advance(found.pk)
    live = f"/admin/sync/round/{found.pk}/live/"
    assert "Master data: 0 of 5 syncs are done." in text_of(staff.get(live))
    chain.go(found)
    assert staff.get(live).status_code == 204
    shown = page(staff, f"/admin/sync/round/{found.pk}/change/")
    assert "4 of 5 syncs succeeded; 1 failed." in shown
    assert "The login may not do that." in shown
    assert f"Round {found.pk}" in page(staff, ALL)


def test_it_is_cancelled_by_a_button(chain: Chain, staff: Client) -> None:
    found = chain.start()
    answer = staff.post(f"/admin/sync/round/{found.pk}/cancel/", follow=True)
    assert "was asked to stop" in text_of(answer)
    assert chain.go(found).status == Status.CANCELLED
    assert "there is nothing to cancel" in text_of(staff.post(f"/admin/sync/round/{found.pk}/cancel/", follow=True))


def test_a_viewer_sees_and_starts_nothing(chain: Chain) -> None:
    found = chain.start()
    viewer = browser(chain, Role.VIEWER)
    assert "Sync all" in page(viewer, ALL)
    assert f'action="{START}"' not in viewer.get(ALL).content.decode()
    assert [viewer.post(START).status_code, viewer.post(f"/admin/sync/round/{found.pk}/cancel/").status_code] == [403, 403]


def test_a_manager_resets_a_type_after_seeing_what_it_means(chain: Chain, staff: Client) -> None:
    Cursor.objects.create(account=chain.account, connection=chain.connections["Till"], feed="sales/001", read_to=READ_TO)
    manager = browser(chain, Role.MANAGER)
    assert "2026-02-01 09:00" in page(manager, ALL)
    address = f"/admin/sync/round/reset/sales/{chain.connections['Till'].pk}/"
    assert "nothing is booked twice" in page(manager, address)
    assert Cursor.objects.exists()
    assert "were reset" in text_of(manager.post(address, follow=True))
    assert not Cursor.objects.exists()
    assert [staff.get(address).status_code, staff.post(address).status_code] == [403, 403]
    assert manager.get(f"/admin/sync/round/reset/sales/{chain.connections['Odoo'].pk + 100}/").status_code == 404
    assert manager.get(f"/admin/sync/round/reset/everything/{chain.connections['Till'].pk}/").status_code == 404


def test_a_round_of_another_account_is_not_there(chain: Chain) -> None:
    found = chain.start()
    other = make_account("Other")
    stranger = Client()
    stranger.force_login(make_member(other, Role.OWNER, "stranger").user)
    assert [stranger.get(f"/admin/sync/round/{found.pk}/{page_}/").status_code for page_ in ("change", "live")] == [404, 404]
    assert stranger.post(f"/admin/sync/round/{found.pk}/cancel/").status_code == 404
    assert "No Odoo and no till is connected yet" in page(stranger, ALL)
    assert "no Odoo and no Till connection" in text_of(stranger.post(START, follow=True))


def test_the_pages_ask_as_much_about_much_as_about_little(chain: Chain, staff: Client) -> None:
    chain.sync()
    addresses = (ALL, "/admin/sync/round/")
    before = [queries_of(staff, address) for address in addresses]
    chain.add("odoo", "Second Odoo")
    chain.sync()
    assert [queries_of(staff, address) for address in addresses] == before
