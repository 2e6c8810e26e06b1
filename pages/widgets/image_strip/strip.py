"""The strip itself: small images to choose from, and the ways to bring in others."""

from functools import partial
from itertools import islice

import numpy as np
import streamlit as st

from cnn.data import catalog
from cnn.errors import CnnError
from cnn.model.final_exam import scored_split
from cnn.model.store import Card
from pages.components.image_picker import Choice, clicked_image, image_picker
from pages.shell import permalink, visitor_memory
from pages.shell.page_layout import plain_notice, show_link_problems
from pages.widgets.image_input import drawing, photo_from_camera, read_upload, uploaded_photos
from pages.widgets.image_strip import dataset_images, own_photos
from pages.widgets.image_strip.kept_pictures import Source
from pages.widgets.uploads.upload import Upload

SIDE = 56  # of an image in the strip, in pixels
IMAGES_PER_PAGE = 24
WAYS = {"more": "More images", "draw": "Draw", "upload": "Upload", "camera": "Camera"}
_NAME, _DATASET, _DRAWING = "shell.picture_name", "shell.picture_dataset", "shell.picture_drawing"
_WAY, _CLOSE = "picture.way", "picture.close"
_OWN = "own-"

NamedFile = tuple[str, Upload]
"""A name to show, and the file."""


def choose_images(card: Card) -> list[Source]:
    """Show the strip and give the image chosen, or all photos of an upload of several, or none while there is none.

    The choice holds on all pages.

    Raises:
        CnnError: the image's data set is damaged.
    """
    known = dataset_images.first_names(card)
    chosen = _read_choice(card, known)
    names = [*(f"{_OWN}{number}" for number in own_photos.own_photos()), *known]
    if chosen is not None and chosen not in names:
        names.append(chosen)
    with st.container(key="picture.strip", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="picture.tiles"):
            _show_strip(card, names, chosen)
        way = _choose_way(card)
    if chosen is not None and (credit := dataset_images.credit_of(chosen)):
        st.caption(credit)
    several = _bring_in(card, way)
    if several:
        return [Source(name, file.file_id, partial(read_upload, name, file)) for name, file in several]
    if chosen is None or (way == "draw" and _DRAWING not in st.session_state):
        return []
    return [_find(card, chosen)]


def choose(name: str) -> None:
    """Choose an image by its name, in a widget's callback."""
    st.session_state[_NAME] = name
    st.session_state[_CLOSE] = True


def _read_choice(card: Card, known: list[str]) -> str | None:
    """The name of the image chosen: by a link, else before, else the first of ``known``."""
    state = st.session_state
    if linked := permalink.value_in_link("picture"):
        if not linked.startswith(_OWN) and _is_here(card, linked):
            state[_NAME], state[_DATASET] = linked, card.dataset
        else:
            permalink.add_problem(
                f"Picture: the link chooses “{linked[:40]}”, which is not here. You see another one instead."
            )
    elif permalink.went_back("picture"):
        state[_NAME] = next(iter(known), None)
    name = state[_NAME] if _NAME in state else visitor_memory.recall(_NAME)
    # The twelfth image of another data set would be another image.
    is_of_another = name and not name.startswith(_OWN) and state.get(_DATASET) != card.dataset
    first = next(iter(known), None)
    if not name or is_of_another or not _is_here(card, name):
        name = first
    state[_NAME] = name
    if name and name.startswith(_OWN):
        visitor_memory.remember(_NAME, name, len(name))
        permalink.write_text("picture", "")
    else:
        state[_DATASET] = card.dataset
        visitor_memory.forget(_NAME)
        permalink.write_text("picture", "" if name in (None, first) else name)
    show_link_problems("picture")
    return name


def _is_here(card: Card, name: str) -> bool:
    if name.startswith(_OWN):
        return int(name.removeprefix(_OWN)) in own_photos.own_photos()
    return dataset_images.find_image(card, name) is not None


def _find(card: Card, name: str) -> Source:
    if name.startswith(_OWN):
        return own_photos.find_photo(int(name.removeprefix(_OWN)))
    photo = dataset_images.find_image(card, name)
    assert photo is not None  # see _is_here
    return Source(photo.name, None, lambda: photo)


def _show_strip(card: Card, names: list[str], chosen: str | None) -> None:
    choices = _choices(card, names)
    key = f"picture.strip.{card.id}"
    image_picker(
        "Pictures to show the network",
        choices,
        chosen,
        SIDE,
        key=key,
        in_one_row=True,
        on_choose=partial(_clicked, key),
    )


def _choices(card: Card, names: list[str]) -> list[Choice]:
    return [Choice(name, image, "", words) for name, (image, words) in ((n, _thumbnail(card, n)) for n in names)]


def _thumbnail(card: Card, name: str) -> tuple[np.ndarray | bytes, str]:
    if name.startswith(_OWN):
        own = own_photos.own_photos()[int(name.removeprefix(_OWN))]
        return own.thumbnail, own.name
    found = dataset_images.find_thumbnail(card, name)
    assert found is not None  # see _is_here
    return found


def _clicked(key: str) -> None:
    if (name := clicked_image(key)) is not None:
        choose(str(name))


def _choose_way(card: Card) -> str | None:
    """The other ways to bring in an image; None while none is open."""
    if st.session_state.pop(_CLOSE, False):
        st.session_state[_WAY] = None
    offered = ["more"] if catalog.is_prepared(card.dataset) else []
    offered += [*(["draw"] if card.input_shape[2] == 1 else []), "upload", "camera"]
    return st.segmented_control(
        "Other pictures", offered, key=_WAY, format_func=WAYS.__getitem__, label_visibility="collapsed", width="content"
    )


def _bring_in(card: Card, way: str | None) -> list[NamedFile]:
    """Show the input of a way, and choose what arrives; gives the files of an upload of several photos."""
    if way != "draw":
        st.session_state.pop(_DRAWING, None)  # the next drawing is another one
    match way:
        case "more":
            _show_more(card)
        case "draw":
            _keep_drawing(drawing("picture.drawing"))
        case "camera":
            return _keep(photo_from_camera("picture"))
        case "upload":
            return _keep(uploaded_photos("picture"))
    return []


def _keep(files: list[NamedFile]) -> list[NamedFile]:
    """Keep photos that have just arrived as the visitor's own, and choose one; gives back files that are several."""
    kept = st.session_state.setdefault("picture.kept", set())
    for name, file in [(name, file) for name, file in files if file.file_id not in kept][: own_photos.MAX_PHOTOS]:
        kept.add(file.file_id)
        file.seek(0)
        try:
            number = own_photos.add_photo(file.read(), name)
        except CnnError as error:
            if len(files) == 1:
                kept.discard(file.file_id)
                plain_notice(error, key="picture.unreadable.0")
            continue
        st.session_state[_NAME] = f"{_OWN}{number}"
        if len(files) == 1:
            choose(f"{_OWN}{number}")
            st.rerun()
    return files if len(files) > 1 else []


def _keep_drawing(image: np.ndarray | None) -> None:
    """Keep a drawing, uint8 (h, w, 1), as it stands, and choose it; None where the canvas is empty."""
    state, earlier = st.session_state, st.session_state.get(_DRAWING)
    if image is None:
        if state.pop(_DRAWING, None) is not None:
            own_photos.remove_photo(earlier)
            st.rerun()
        return
    state[_DRAWING] = own_photos.put_drawing(image, earlier)
    state[_NAME] = f"{_OWN}{state[_DRAWING]}"
    if earlier is None:
        st.rerun()  # the strip above lacks it


def _show_more(card: Card) -> None:
    """Page through all images of the split by which the network is judged."""
    split_name = scored_split(card)
    split = catalog.load(card.dataset, split_name)
    page = st.pagination(max(1, -(-len(split) // IMAGES_PER_PAGE)), key="picture.page")
    shown = islice(range(len(split)), (page - 1) * IMAGES_PER_PAGE, page * IMAGES_PER_PAGE)
    names = [f"{split_name}-{position + 1}" for position in shown]
    choices = _choices(card, names)
    key = f"picture.more.{card.id}"
    image_picker("More pictures", choices, st.session_state.get(_NAME), SIDE, key=key, on_choose=partial(_clicked, key))
