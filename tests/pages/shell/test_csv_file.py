"""CSV files that spreadsheets read as what they are."""

import csv
import io

import pandas as pd

from pages.shell.csv_file import csv_file


def test_a_byte_order_mark_says_the_encoding_and_no_cell_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "猫, Ärger", "a=b", "cat"]
    data = csv_file(pd.DataFrame({"file": names, "probability": [-0.5] * len(names)}))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["file", "probability"]
    assert [row[0] for row in rows[1:]] == [*(f"'{name}" for name in names[:8]), *names[8:]]
    assert {row[1] for row in rows[1:]} == {"-0.5"}
