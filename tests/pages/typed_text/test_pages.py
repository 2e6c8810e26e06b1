"""What pupils have typed is text on every page that shows it."""

import pytest

from tests.pages.opening import open_page
from tests.pages.typed_text.places import places, problems

VIEWS = [
    ("home.py", {}),
    *[("images.py", {"images.view": view}) for view in ("gallery", "set", "own")],
    ("convolution.py", {}),
    ("convolution.py", {"convolution.input": "sample"}),
    *[("augmentation.py", {"augmentation.view": view}) for view in ("one", "many", "mix", "help", "sweep")],
    ("dense_or_convolutional.py", {}),
    ("architecture.py", {}),
    ("training.py", {}),
    ("feature_maps.py", {}),
    ("time_machine.py", {}),
    *[("explanations.py", {"explain.view": view}) for view in ("hide", "heat")],
    *[
        ("evaluation.py", {"evaluation.view": view})
        for view in (
            "confusion",
            "mistakes",
            "sure",
            "guess",
            "exam",
            "classes",
            "doubt",
            "labels",
            "map",
            "robustness",
        )
    ],
    *[
        ("evaluation.py", {"evaluation.view": "compare", "evaluation.compared": a})
        for a in ("answers", "stand", "maps")
    ],
    ("teach_your_own.py", {}),
    *[("transfer_learning.py", {"transfer.view": view}) for view in ("train", "steps", "summary")],
    ("predict.py", {}),
    *[("models.py", {"view": view}) for view in ("facts", "layers", "mistakes", "trip", "away")],
    ("glossary.py", {}),
]
WITHOUT_NAMES = ("home.py", "dense_or_convolutional.py", "glossary.py", "teach_your_own.py", "transfer_learning.py")


@pytest.mark.parametrize(
    ("file", "view"), VIEWS, ids=lambda part: "-".join(part.values()) if isinstance(part, dict) else part
)
def test_a_page_shows_names_as_text(file: str, view: dict[str, str], query: dict[str, str]) -> None:
    at = open_page(file, **query, **view)
    assert problems(at) == []
    assert places(at) or file in WITHOUT_NAMES
