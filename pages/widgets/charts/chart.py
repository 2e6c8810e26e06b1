"""Charts that are drawn once for everybody who looks at the same numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st


def show_chart(draw: Callable[..., Any], *arguments: Any, key: str, alt: str, **options: Any) -> None:
    """Show what a figure draws.

    Altair checks every part of a chart against its schema, which takes a third of a second; a page that is run again
    for another reason need not draw the same chart again.

    Args:
        draw: gives an Altair chart, which depends on nothing but what it is given.
        arguments: of ``draw``: numbers, text, arrays, palettes, and lists, tuples and mappings of them.
        alt: the chart in words.
        options: of ``draw``, by name.
    """
    name = f"{draw.__module__}.{draw.__qualname__}"
    st.vega_lite_chart(spec=_specification(name, draw, arguments, options), key=key, alt=alt)


@st.cache_data(max_entries=256, show_spinner=False)
def _specification(
    name: str, _draw: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    # What st.altair_chart does with a chart before it is one of st.vega_lite_chart.
    from streamlit.elements.vega_charts import _convert_altair_to_vega_lite_spec

    return dict(_convert_altair_to_vega_lite_spec(_draw(*arguments, **options)))
