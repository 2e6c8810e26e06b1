"""A chart is drawn once for the same numbers, and is what Streamlit would make of it."""

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

DRAWN: list[tuple[int, ...]] = []


def bars(values: list[int], *, title: str = "") -> alt.Chart:
    DRAWN.append(tuple(values))
    return alt.Chart(pd.DataFrame({"n": range(len(values)), "value": values}), title=title).mark_bar().encode(x="n:O")


def page(values: list[int]) -> None:
    from pages.widgets.charts.chart import show_chart
    from tests.pages.widgets.test_chart import bars

    show_chart(bars, values, title="Bars", key="ours", alt="two bars")


def page_of_streamlit(values: list[int]) -> None:
    import streamlit as st

    from tests.pages.widgets.test_chart import bars

    st.altair_chart(bars(values, title="Bars"), key="ours", alt="two bars")


def shown(page, values: list[int]):
    at = AppTest.from_function(page, args=(values,)).run()
    assert not at.exception
    return at.get("vega_lite_chart")[0].proto


def test_a_chart_is_drawn_once_for_the_same_numbers() -> None:
    st.cache_data.clear()
    DRAWN.clear()
    first, second, other = shown(page, [1, 2]), shown(page, [1, 2]), shown(page, [1, 3])
    assert DRAWN == [(1, 2), (1, 3)]
    assert first.SerializeToString() == second.SerializeToString() != other.SerializeToString()


def test_it_is_the_chart_that_streamlit_shows() -> None:
    ours, theirs = shown(page, [1, 2]), shown(page_of_streamlit, [1, 2])
    assert ours.alt == theirs.alt
    assert [each.data for each in ours.datasets] == [each.data for each in theirs.datasets]
    assert [ours.theme, ours.use_container_width] == [theirs.theme, theirs.use_container_width]
