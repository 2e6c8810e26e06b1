"""Dense or convolutional? A test of the claim that a convnet recognises objects anywhere."""

from cnn.keras_code.model import model_code
from cnn.keras_code.shifts import shifts_code
from cnn.keras_code.training import training_code
from cnn.model.presets import preset
from cnn.pretrained import comparison_results
from pages.lessons.dense_or_convolutional.left_and_right import left_and_right_view
from pages.lessons.dense_or_convolutional.receptive_fields import IMAGE, receptive_fields_view
from pages.lessons.dense_or_convolutional.shifted_photos import SHIFT, shifted_photos_view
from pages.shell.page_layout import page_foot, page_header, prose
from pages.widgets import linked_inputs

VIEWS = {"sides": "Left and right", "photos": "Real photos, moved", "units": "What one unit sees"}

page_header(
    "Dense or convolutional?",
    "Does a network that learned a star here know a star over there?",
    page="dense",
    show_focus=False,
    best_wide=True,
)
prose(
    "Three networks with about as many parameters, already trained. In one every unit sees every pixel; two look "
    "through small windows that slide."
)
view = linked_inputs.view("dense.view", "View", VIEWS)
match view:
    case "sides":
        left_and_right_view()
        code = training_code(comparison_results.config("shapes-left-right", "tutorial-global"))
    case "photos":
        shifted_photos_view()
        code = shifts_code(SHIFT, comparison_results.SEED)
    case _:
        receptive_fields_view()
        code = model_code(preset("tutorial"), IMAGE, 10)
page_foot(
    [
        "Guess first: where will each network stop knowing the object? Then drag it.",
        "Find an object that the simple CNN still knows on the right. Is that luck? Try others of its kind.",
        "Train the simple CNN with and without global pooling on “Drawn shapes, left and right”. Do you get the same?",
        "Why does shuffling not trouble the dense network? Give every pixel a name instead of a place.",
    ],
    code=code,
    reading=[
        (
            "Making convolutional networks shift-invariant again (Zhang, 2019)",
            "https://arxiv.org/abs/1904.11486",
        ),
        ("How much position information do CNNs encode? (Islam et al., 2020)", "https://arxiv.org/abs/2001.08248"),
    ],
)
