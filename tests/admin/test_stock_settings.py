from __future__ import annotations

from django.test import Client

from accounts.models import Account, AuditLog
from inventory.models import StockSettings
from inventory.stocksettings import edit_settings, settings_of
from tests.admin.pages import page, text_of
from tests.build import make_account, make_actor

PAGE = "/admin/inventory/stocksettings/"
FORM = {
    "open_pallets": "on",
    "expiry_ends": "start",
    "same_lot": "refuse",
    "warn_days": "10",
    "alert_days": "7, 30; 30",
    "stop_percent": "20",
    "stop_rows": "5",
    "stop_quantity": "12.5",
    "offender_times": "4",
    "offender_days": "14",
}


def test_page_is_there_before_anybody_has_changed_anything(manager: Client) -> None:
    content = manager.get(PAGE).content.decode()
    assert 'value="60, 30, 14, 7"' in content
    assert "Open pallets and packs for a sale" in content
    assert not StockSettings.objects.exists()


def test_manager_changes_them(manager: Client, account: Account) -> None:
    answer = manager.post(PAGE, FORM, follow=True)
    assert "The stock settings are saved." in text_of(answer)
    assert 'value="30, 7"' in answer.content.decode()
    settings = settings_of(account)
    assert (settings.open_pallets, settings.alert_days, float(settings.stop_quantity)) == (True, [30, 7], 12.5)
    manager.post(PAGE, FORM)
    assert AuditLog.objects.filter(entity="StockSettings").count() == 1


def test_what_is_wrong_stands_at_its_field(manager: Client) -> None:
    shown = text_of(manager.post(PAGE, {**FORM, "alert_days": "soon"}))
    assert "Write whole numbers of days with commas between them" in shown
    shown = text_of(manager.post(PAGE, {**FORM, "alert_days": "0"}))
    assert "Give one or several whole numbers of days from 1 to 3,650." in shown
    assert "This field is required." in text_of(manager.post(PAGE, {**FORM, "alert_days": " , "}))
    assert "Give a number from 0 to 100." in text_of(manager.post(PAGE, {**FORM, "stop_percent": "101"}))
    assert not StockSettings.objects.exists()


def test_staff_and_viewers_read_them(staff: Client, viewer: Client) -> None:
    for browser in (staff, viewer):
        shown = page(browser, PAGE)
        assert "60, 30, 14, 7" in shown
        assert browser.post(PAGE, FORM).status_code == 403


def test_there_is_nothing_to_add_or_delete(manager: Client, account: Account) -> None:
    row = edit_settings(make_actor(account), warn_days=1)
    assert manager.get(f"{PAGE}add/").status_code == 403
    assert manager.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_settings_of_another_account_are_not_shown(manager: Client) -> None:
    theirs = edit_settings(make_actor(make_account("Other")), alert_days=[99])
    assert 'value="60, 30, 14, 7"' in manager.get(PAGE).content.decode()
    assert manager.get(f"{PAGE}{theirs.pk}/change/").status_code == 404
