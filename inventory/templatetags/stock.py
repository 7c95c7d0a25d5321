"""Stock in words, for templates."""

from __future__ import annotations

from functools import partial

from django import template

from inventory import ledgerwords, wording

register = template.Library()

register.filter("session_name", wording.session_name)
register.filter("load_name", wording.load_name)
register.filter("load_link", wording.load_link)
register.filter("load_number_link", partial(wording.load_link, by_number=True))
register.filter("unit_link", wording.unit_link)
register.filter("unit_name", wording.named)
register.filter("roster_place", wording.roster_place)
register.filter("place", wording.place)
register.filter("order_number", wording.order_number)
register.filter("quantity", ledgerwords.number)
register.filter("money", ledgerwords.money)
register.filter("document_row_link", ledgerwords.row_link)
