"""The head fitted to the session's photos, and what it can be trusted with."""

import numpy as np
import streamlit as st

from cnn.data.own.near_twins import describe, group_near_twins
from cnn.training.few_shot_head import FewShotHead, fit_head, is_unlike_all
from pages.lessons.teach_your_own.session import HEAD, names, own_photos, photos


def labels() -> np.ndarray:
    """The class index of every photo, int64 (N,), class by class."""
    return np.repeat(np.arange(len(names())), [len(group) for group in photos()])


def fitted_head() -> FewShotHead:
    """The head fitted to these photos; fitted anew only when they have changed.

    Raises:
        ConfigError: one class only, or a class without photos.
    """
    rows = [photo.features for group in photos() for photo in group]
    features = np.stack(rows) if rows else np.zeros((0, 1), np.float32)
    fingerprint = hash((features.tobytes(), labels().tobytes(), tuple(names())))
    # In the session, not in a cache: what was learned from photos must go with them.
    if st.session_state.get(HEAD, (None, None))[0] != fingerprint:
        fit = fit_head if own_photos() else _fit_to_drawings
        st.session_state[HEAD] = (fingerprint, fit(features, labels(), names()))
    return st.session_state[HEAD][1]


@st.cache_resource(max_entries=8, show_spinner=False)
def _fit_to_drawings(features: np.ndarray, labels: np.ndarray, class_names: list[str]) -> FewShotHead:
    """As ``fit_head``, once for all visitors: they begin with the same drawings."""
    return fit_head(features, labels, class_names)


def held_out_near_twins(held_out: np.ndarray) -> bool:
    """Whether a test photo is a near twin of one that the head learned from.

    Args:
        held_out: bool (N,), in the order of ``labels``.
    """
    described = np.stack([describe(photo.fitted) for group in photos() for photo in group])
    groups = group_near_twins(described, labels().tolist())
    return bool(np.isin(groups[held_out], groups[~held_out]).any())


def unlike_all_photos(features: np.ndarray) -> str | None:
    """A sentence if a picture, by its features float32 (features,), is like none of the photos."""
    known = np.stack([photo.features for group in photos() for photo in group])
    if not is_unlike_all(features, known, labels()):
        return None
    return (
        "It is like none of your photos: they are all more like each other. Perhaps it is none of your classes, and "
        "the head has to name one all the same."
    )
