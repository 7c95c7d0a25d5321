"""Titles of lists, and pages for what is refused or not there, in plain words."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin.pages import text_of


@pytest.mark.parametrize(("address", "title"), [("/admin/sync/syncrun/", "Sync runs"), ("/admin/inventory/unit/", "Units")])
def test_a_list_is_called_what_it_lists(viewer: Client, address: str, title: str) -> None:
    assert f"<title> {title} | Levelstock</title>" in " ".join(viewer.get(address).content.decode().split())


def test_what_is_refused_says_whom_to_ask(viewer: Client) -> None:
    response = viewer.get("/admin/inventory/product/add/")
    assert response.status_code == 403
    assert "ask an owner of the business account" in text_of(response)


def test_an_address_that_is_none_leads_back(viewer: Client) -> None:
    response = viewer.get("/admin/inventory/unit/999999/change/")
    assert response.status_code == 404
    assert "There is nothing here for you" in text_of(response)
    assert 'href="/admin/"' in response.content.decode()
