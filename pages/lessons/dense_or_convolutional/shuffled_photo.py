"""A photo with its pixels shuffled: people see nothing in it, and a dense network that learned from such is as good."""

from typing import Any

import streamlit as st

from cnn.data.builtin.sample_photos import PHOTOS, load_photo
from cnn.data.images import fit_to
from cnn.model.pixel_permutation import permute_pixels, pixel_permutation
from cnn.pretrained import comparison_results
from pages.lessons.dense_or_convolutional.networks import TITLES, in_sentence
from pages.shell.page_layout import prose, section
from pages.widgets import linked_inputs
from pages.widgets.gallery import GalleryImage, Mark, gallery

IMAGE = (32, 32, 3)
SIDE = 160  # of a picture on screen, in pixels
ORDER = ("flower", "cat", "temple")  # not that of the answers


def shuffled_photo_trial(networks: dict[str, Any]) -> None:
    """Show a shuffled photo to be guessed, then the photo and how well each network does on such pictures.

    Args:
        networks: the stored measurements on CIFAR-10, by the network's name.
    """
    with st.container(key="dense.shuffled"):
        pictures, words = st.columns([1, 1.3], gap="large")
        with words:
            section("**Does it see as we do?** A photo, and all its pixels in another order. What was it?")
            number = linked_inputs.whole("dense.shuffled.photo", "Which photo", range(1, len(ORDER) + 1), 1, width=140)
            name = ORDER[number - 1]
            guess = st.segmented_control(
                "Your guess", list(PHOTOS), key=f"dense.shuffled.guess.{name}", format_func=lambda name: PHOTOS[name][0]
            )
            if guess:
                prose(_describe_result(networks), key="dense.shuffled.answer")
                st.caption(PHOTOS[name][2])
    photo = fit_to(load_photo(name), IMAGE)
    shuffled = permute_pixels(photo[None], pixel_permutation(IMAGE, comparison_results.SEED))[0]
    tiles = [GalleryImage(shuffled, "all pixels, shuffled", "A photo with all its pixels shuffled")]
    if guess:
        mark: Mark = "right" if guess == name else "wrong"
        title = PHOTOS[name][0]
        tiles.append(GalleryImage(photo, f"it was: {title.lower()}", f"The same photo: {title.lower()}", mark))
    with pictures:
        gallery(tiles, side=SIDE)


def _describe_result(networks: dict[str, Any]) -> str:
    results = ", ".join(
        f"the {in_sentence(TITLES[name])} **{network['shuffled']['correct']:,}** ({network['test']['correct']:,})"
        for name, network in networks.items()
    )
    return (
        "People need to know which pixel is beside which. Three networks learned from photos shuffled in this way. Of "
        f"{networks['dense']['test']['count']:,} others they got right (in brackets: learned and tested on photos as "
        f"they are): {results}. The fully connected network loses next to nothing where you see nothing: it does not "
        "look at a thing, it weighs numbers."
    )
