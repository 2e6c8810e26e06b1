"""A network from elsewhere before it is kept: what was understood, what the file does not say, and a try."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cnn.analysis.activations.layer_arithmetic import ARITHMETIC
from cnn.data import catalog
from cnn.errors import CnnError
from cnn.jobs import queue
from cnn.model.exchange import foreign
from cnn.model.exchange.pixel_scaling import PIXELS
from cnn.model.exchange.understood import Understood, read_understood
from cnn.model.predict import Predict, predictor
from cnn.requests import models as model_requests
from pages.lessons.models.trial_images import trial_images
from pages.server.model_memory import models
from pages.shell.errors import attempt, plain_notice, refusal
from pages.shell.page_layout import prose, section
from pages.shell.text import answer_caption, literal
from pages.shell.workspace import workspace
from pages.widgets.gallery import GalleryImage, Mark, gallery

KEY = "models.keep"
OTHER = ""  # in place of a data set's name
ENDINGS = {
    "logits": "It ends in scores (logits), as networks here do.",
    "softmax": "It ends in softmax; the scores before it are taken, and the app makes the same percentages of them.",
    "sigmoid": "It ends in sigmoid; the score before it is taken, and the app makes the same percentages of it.",
}


def keep_view(job: queue.Job) -> None:
    """Show the network that a finished job of kind ``inspect`` has rebuilt, and ask what is needed to keep it."""
    understood = read_understood(job.folder)
    with st.container(key="models.understood"):
        section(f"**{literal(job.name)}: this was understood**")
        prose(_description(understood))
        rows = [
            {"layer": layer.name, "kind": layer.kind, "output": _shape(layer.output), "parameters": layer.parameters}
            for layer in understood.layers
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=220, key="models.understood.layers")
    section("**The file does not say what its answers mean, nor how pixels were scaled**")
    dataset, names = _ask_classes(understood)
    pixels = _ask_pixels(understood)
    _try_images(job, pixels, dataset, names)
    with st.container(horizontal=True):
        arguments = (KEY, _keep, job, names, pixels, dataset)
        st.button("Keep it", key=KEY, type="primary", on_click=attempt, args=arguments)
        discard = ("models.discard", queue.delete, job.id, workspace())
        st.button("Throw it away", key="models.discard", on_click=attempt, args=discard)
    for key in (KEY, "models.discard"):
        if (refused := refusal(key)) is not None:
            plain_notice(refused, key=f"{key}.refusal")


def _keep(job: queue.Job, names: list[str], pixels: str, dataset: str | None) -> None:
    st.session_state["models.bringing"] = model_requests.keep_model(job, names, pixels, dataset, workspace())


def _description(understood: Understood) -> str:
    kinds = Counter(layer.kind for layer in understood.layers)
    answer = "one score for two classes" if understood.outputs == 1 else f"{understood.outputs} scores, one a class"
    version = f", saved by Keras {understood.version}" if understood.version else ""
    lines = [
        f"{len(understood.layers):,} layers and {understood.parameters:,} parameters{version}.",
        f"It takes images of {_shape(understood.input_shape)} and gives {answer}. {ENDINGS[understood.ending]}",
    ]
    if understood.left_out:
        lines.append(f"Left out, because they only act while it is trained: {', '.join(understood.left_out)}.")
    if understood.repeated:
        lines.append(f"Used several times, so here several times: {', '.join(understood.repeated)}.")
    untraced = [kind for kind in kinds if kind not in ARITHMETIC]
    if untraced:
        lines.append(
            f"Where a number of a layer {', '.join(untraced)} comes from is not explained here; all else works."
        )
    return "\n".join(f"- {line}" for line in lines)


def _ask_classes(understood: Understood) -> tuple[str | None, list[str]]:
    """The data set whose classes it knows, or None, and the names of its classes as far as they are known."""
    fitting = [name for name in catalog.names() if len(catalog.info(name).class_names) == understood.classes]
    titles = {name: f"those of {catalog.info(name).title}" for name in fitting} | {OTHER: "others: I name them"}
    default = list(titles).index("cats_vs_dogs") if "cats_vs_dogs" in titles else len(titles) - 1
    chosen = st.selectbox(
        "Its classes", list(titles), index=default, format_func=titles.__getitem__, key="models.keep.dataset", width=420
    )
    if chosen:
        names = list(catalog.info(str(chosen)).class_names)
        st.caption(f"In this order: {', '.join(names)}.")
        return str(chosen), names
    text = st.text_input(
        f"The {understood.classes} names, in the order of training, with commas between them",
        key="models.keep.classes",
        max_chars=20_000,
        placeholder="cat, dog",
        width=420,
    )
    return None, [name.strip() for name in str(text).split(",")] if text else []


def _ask_pixels(understood: Understood) -> str:
    scales_itself = understood.layers[0].kind in ("Rescaling", "Normalization")
    default = "0..255" if scales_itself else "-1..1"
    pixels = st.selectbox(
        "How its pixels were scaled",
        list(PIXELS),
        index=list(PIXELS).index(default),
        format_func=lambda name: PIXELS[name].title,
        key="models.keep.pixels",
        width=420,
    )
    if scales_itself:
        st.caption("Its first layer scales pixels itself, so it probably takes them as they are.")
    return str(pixels)


def _predict_function(id: str, pixels: str) -> Predict:
    def load() -> Any:
        with st.spinner("Trying it …"):
            return foreign.candidate(queue.read(id).folder, pixels)

    return models.function(("candidate", id, pixels), load, "predict", predictor)


def _try_images(job: queue.Job, pixels: str, dataset: str | None, names: list[str]) -> None:
    """Ask the network about three images, scaled as chosen."""
    understood = read_understood(job.folder)
    images = trial_images(dataset, understood.input_shape)
    try:
        probabilities = _predict_function(job.id, pixels)(np.stack([image for image, _, _ in images]))
    except CnnError as error:
        plain_notice(error, key="models.tried.refusal")
        return
    tiles = []
    for (image, name, true_label), row in zip(images, probabilities, strict=True):
        predicted = int(row.argmax())
        said = names[predicted] if predicted < len(names) else f"class {predicted + 1}"
        caption = answer_caption(said, float(row[predicted]), None if true_label is None else name)
        mark: Mark | None = None if true_label is None else "right" if predicted == true_label else "wrong"
        tiles.append(GalleryImage(image, caption, f"{name}: {said}", mark))
    section(f"**A try with {len(images)} images.** With another scaling the same network may say something else.")
    gallery(tiles, side=160, key="models.tried")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
