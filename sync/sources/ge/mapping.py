"""GE's lists as typed rows: everything a run asks of files and answers, in one place to import from."""

from inventory.keys import model_key, serial_key
from sync.sources.ge.answers import load_units_json, loads_history_json, loads_open_json, stock_json
from sync.sources.ge.checks import check_empty, check_footer, check_organisation
from sync.sources.ge.friendlynames import friendly_name
from sync.sources.ge.loadlists import loads_history, loads_open, merge_loads
from sync.sources.ge.rosters import load_units
from sync.sources.ge.rows import Footer, LoadFeed, LoadRow, RosterFeed, RosterRow, StockFeed, StockRow, Warning_
from sync.sources.ge.stocklists import stock

__all__ = [
    "Footer",
    "LoadFeed",
    "LoadRow",
    "RosterFeed",
    "RosterRow",
    "StockFeed",
    "StockRow",
    "Warning_",
    "check_empty",
    "check_footer",
    "check_organisation",
    "friendly_name",
    "load_units",
    "load_units_json",
    "loads_history",
    "loads_history_json",
    "loads_open",
    "loads_open_json",
    "merge_loads",
    "model_key",
    "serial_key",
    "stock",
    "stock_json",
]
