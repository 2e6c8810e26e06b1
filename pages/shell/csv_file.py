"""CSV files for spreadsheets."""

import csv
from typing import Any

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_file(table: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8 with a byte order mark, without which Excel garbles letters outside of ASCII.

    Source of what is a formula: OWASP, "CSV Injection".
    """
    return table.map(text_cell).to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC).encode("utf-8-sig")


def text_cell(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: text that looks like one gets an apostrophe; numbers stay."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
