"""Spreadsheets and CSV files as rows of text, whatever source they come from."""

from sync.tabular.reading import read_table
from sync.tabular.table import Sheet, Table, normal_header

__all__ = ["Sheet", "Table", "normal_header", "read_table"]
