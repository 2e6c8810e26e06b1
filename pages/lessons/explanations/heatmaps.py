"""The views of *Explanations*: a method's picture, a patch to drag, and whether a picture notices forgetting."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from cnn.analysis.attribution.gradients import METHODS, Attribution, attribution, cam_layers
from cnn.analysis.attribution.occlusion import Occlusion, occlusion
from cnn.analysis.attribution.sanity_check import noticed, stages
from cnn.errors import ModelError
from cnn.figures.heatmap import evidence
from cnn.model import store
from cnn.model.predict import predictor
from pages.components.occlusion_patch import occluder
from pages.shell.level import is_lab
from pages.shell.page_layout import notice, prose
from pages.widgets import linked_inputs, model_cache
from pages.widgets.gallery import Tile, gallery
from pages.widgets.probability_bars import percent
from pages.widgets.selected_image import InHand

ANSWER = "its answer"
CAN = {
    "grad-cam": (
        "It weighs a layer's maps by how much the answer would change with them: it says *where* something counted.",
        "It cannot say what was seen there, and it is as coarse as the layer: each square is one number.",
    ),
    "grad-cam++": (
        "As Grad-CAM, but it leaves out places that hinder: better when a thing is there twice.",
        "It is as coarse as Grad-CAM, and says nothing of what speaks against the answer.",
    ),
    "gradient": (
        "It shows which pixels would change the answer most if they changed a little.",
        "It is noisy, and a pixel that certainly matters may stay dark: a little more of it changes nothing.",
    ),
    "smooth": (
        "The mean of the gradients of two dozen noisy copies: the noise goes, the shape stays.",
        "What is left depends on how much noise was added.",
    ),
    "integrated": (
        "It adds gradients up on the way from a black picture to this one; all together are what the score has gained.",
        "A black part of the picture can never count, because it does not change on that way.",
    ),
}


@st.cache_resource(max_entries=24, show_spinner=False)
def _attribution(id: str, created: float, method: str, layer: str | None) -> Attribution:
    return attribution(model_cache.keras_model(store.card(id)), method, layer)


@st.cache_data(max_entries=64, show_spinner="Asking the network …")
def _heat(id: str, created: float, method: str, layer: str | None, image: bytes, number: int) -> np.ndarray:
    pixels = np.frombuffer(image, np.uint8).reshape(1, *store.card(id).input_shape)
    return _attribution(id, created, method, layer)(pixels, number)[0]


@st.cache_data(max_entries=64, show_spinner="Hiding every part once …")
def _occlusion(id: str, created: float, image: bytes, size: int, step: int) -> Occlusion:
    card, predict = model_cache.network(id)
    if card.pixel_seed is not None:  # that function shuffles, and this image is shuffled already
        predict = predictor(model_cache.keras_model(card))
    return occlusion(predict, np.frombuffer(image, np.uint8).reshape(card.input_shape), size, step)


def choose_class(hand: InHand) -> int:
    """Which class's score is asked about; the answer itself, whatever it is, until another is chosen."""
    names = hand.card.class_names
    wanted = linked_inputs.choice(
        "explain.class", "Evidence for", {ANSWER: ANSWER} | {name: name for name in names}, width=240
    )
    return int(hand.probabilities.argmax()) if wanted == ANSWER else names.index(wanted)


def heat_view(hand: InHand) -> None:
    """One method's picture beside the plain one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        methods = METHODS if is_lab() else {"grad-cam": METHODS["grad-cam"], "integrated": METHODS["integrated"]}
        method = linked_inputs.choice("explain.method", "Method", methods, width=240)
        number = choose_class(hand)
        layer = None
        layers = cam_layers(hand.model)
        if is_lab() and layers and method.startswith("grad-cam"):
            layer = linked_inputs.choice("explain.layer", "Layer", {name: name for name in layers}, width=160)
    try:
        heat = _heat(hand.card.id, hand.card.created, method, layer, hand.image.tobytes(), number)
    except ModelError as error:
        notice(str(error))
        return
    label = hand.card.class_names[number]
    size = f"{heat.shape[0]} × {heat.shape[1]} numbers"
    gallery(
        [
            Tile(hand.image, "the picture", f"What the network gets: {hand.name}"),
            Tile(_drawn(hand.image, heat), f"evidence for {label}", f"{METHODS[method]} for {label}, {size}"),
        ],
        side=320,
    )
    if heat.max() <= 0:
        prose(f"Nothing in this picture speaks for {label}: no number is above zero.")
    can, cannot = CAN[method]
    prose(f"**What it can tell.** {can}\n\n**What it cannot.** {cannot}")
    if is_lab():
        _sanity(hand, method, layer, number)


def _drawn(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Evidence over an image. Of heat for every pixel the brightest hundredth is drawn alike, as Smilkov et al. (2017)
    do: else a few pixels of a large picture outshine all others."""
    brightest = float(np.percentile(heat, 99)) if heat.shape == image.shape[:2] else 0.0
    return evidence(image, np.minimum(heat, brightest) if brightest > 0 else heat)


def occlusion_view(hand: InHand) -> None:
    """A patch to drag, and the whole map."""
    side = min(hand.image.shape[:2])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [max(2, side // part) for part in (8, 4, 3)]
        size = int(
            linked_inputs.buttons("explain.patch", "Grey square", sizes, sizes[1], format_func=lambda n: f"{n} pixels")
        )
        number = choose_class(hand)
    found = _occlusion(hand.card.id, hand.card.created, hand.image.tobytes(), size, max(1, side // 16))
    label = hand.card.class_names[number]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Hide a part yourself**")
        occluder(hand.image, found, hand.card.class_names, key="explain.occluder")
    with right:
        drop = found.drop(number)
        st.markdown(f"**Every part hidden once**: where {label} loses most")
        most = f"bright: {label} loses up to {percent(float(drop.max()))}"
        gallery([Tile(evidence(hand.image, drop), most, f"Loss of {label}")], side=320)
    prose(
        f"**What it can tell.** What the network needs: without the bright parts it is less sure of {label}. No "
        "gradient is asked, only answers.\n\n**What it cannot.** A grey square is something new as well, and a thing "
        "that is there twice can lose either half without harm."
    )


def _sanity(hand: InHand, method: str, layer: str | None, number: int) -> None:
    st.header("Does it notice when the network forgets?", anchor=False)
    prose(
        "The sanity check of Adebayo and others (2018): layer by layer from the top, what was learned is replaced by "
        "chance. A picture that stays the same shows the image, not what the network thinks."
    )
    layers, count = stages(hand.model), sum(bool(each.weights) for each in hand.model.layers)
    if len(layers) < count:
        prose(f"{count} layers of this network have weights; of them {len(layers)} are shown.")
    if not st.button("Let it forget, layer by layer", key="explain.forget"):
        if st.session_state.get("explain.stop"):
            st.caption("Stopped; nothing was kept.")
        return
    stop = st.empty()
    stop.button("Stop", key="explain.stop")  # any click begins a new run of the page, which ends this one
    bar = st.progress(0.0)

    def explaining(model: Any) -> Callable[[], np.ndarray]:
        explain = attribution(model, method, layer)
        return lambda: explain(hand.image[None], number)[0]

    tiles = []
    for done, (name, heat, alike) in enumerate(noticed(hand.model, explaining), 1):
        bar.progress(done / len(layers), text=f"{name} and all above it forgotten: {done} of {len(layers)}")
        said = f"{name} and above forgotten, alike {alike:.2f}"
        tiles.append(Tile(_drawn(hand.image, heat), f"{name}: alike {alike:.2f}", said))
    stop.empty()
    bar.empty()
    gallery(tiles, side=96)
    st.caption("Alike: rank correlation with the first picture; 1 is the same, 0 has nothing to do with it.")
