"""Several photos at once: a small picture of each with the network's answer, and a table to download."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cnn.errors import CnnError
from cnn.files import safe_file_name
from cnn.model.predict import top_classes
from cnn.model.store import Card
from pages.lessons.predict.cut import with_cut
from pages.shell.csv_file import csv_file, text_cell
from pages.shell.page_layout import notice, plain_notice
from pages.shell.text import percent
from pages.widgets import model_cache
from pages.widgets.gallery import GalleryImage, gallery
from pages.widgets.image_strip.kept_pictures import Picture, Source, look_at

SIDE = 144  # of each on the page, in pixels
MAX_MEGAPIXELS = 3_000  # of all together: two hundred from a phone have 2,400


def show_several(card: Card, sources: Sequence[Source]) -> None:
    """Answer several photos, and show them as small pictures and a table to download."""
    predict = model_cache.predict_one(card)
    tiles, rows = [], []
    for name, picture in _read_many(card.input_shape, sources):
        best = top_classes(card, predict(picture.seen[None])[0])
        shown, caption = with_cut(picture.shown, card.input_shape), f"{best[0][0]} {percent(best[0][1])}"
        tiles.append(GalleryImage(shown, caption, f"{name}: {best[0][0]}"))
        ranked = {f"{n}. class": f"{label} {percent(probability)}" for n, (label, probability) in enumerate(best, 1)}
        rows.append({"file": name, "class": best[0][0], "probability": round(best[0][1], 4), **ranked})
    if not tiles:
        return
    gallery(tiles, side=SIDE)
    table = pd.DataFrame(rows).map(text_cell)  # Streamlit's own download of a table makes no text of formulas
    st.dataframe(table[["file", *[c for c in table if c.endswith(". class")]]], hide_index=True, key="predict.table")
    data = csv_file(table[["file", "class", "probability"]])
    st.download_button(
        "Download this table (CSV)",
        data,
        f"{safe_file_name(card.title)}, predictions.csv",
        "text/csv",
        key="predict.csv",
    )


def _read_many(shape: tuple[int, int, int], sources: Sequence[Source]) -> list[tuple[str, Picture]]:
    """Look at several photos, and say which cannot be read, or are too many; gives name and picture of the others."""
    read: list[tuple[str, Picture]] = []
    pixels = 0
    for index, source in enumerate(sources):
        if pixels > MAX_MEGAPIXELS * 10**6:
            notice(
                f"The first {index} of these {len(sources)} photos have {pixels / 1e6:,.0f} megapixels, and at most "
                f"{MAX_MEGAPIXELS:,} are read at once; upload the others in a second go.",
                key="predict.too_many",
            )
            break
        try:
            picture = look_at(source, shape, side=SIDE)
        except CnnError as error:
            plain_notice(error, key=f"picture.unreadable.{index}")
            continue
        pixels += picture.size[0] * picture.size[1]
        read.append((source.name, picture))
    return read
