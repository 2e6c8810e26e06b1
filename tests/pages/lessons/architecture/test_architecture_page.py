"""Architecture, opened cold: a layer changed, moved, removed and added; what is impossible; the way to Training."""

import pytest

from cnn.model.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Pooling, Residual
from tests.pages.opening import open_page, texts


def page_html(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def test_it_opens_on_the_tutorials_network_with_its_sums() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    assert "3 × 3 × 3 × 32 + 32 = 896" in page_html(at)
    assert "**122,570 parameters**" in texts(at)
    assert "Layer 7 holds 53.5 % of the parameters and does 1.4 % of the work" in texts(at)


def test_layers_are_changed_moved_removed_and_added_and_the_address_keeps_them() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    at.number_input(key="architecture.set.1.convolution.filters").set_value(8).run()
    assert "3 × 3 × 3 × 8 + 8 = 224" in page_html(at)
    at.selectbox(key="architecture.kind").set_value("dropout").run()
    at.button(key="architecture.add").click().run()
    at.button(key="architecture.down").click().run()
    at.selectbox(key="architecture.at").set_value(1).run()
    at.button(key="architecture.remove").click().run()
    assert not at.exception
    kept = Architecture.from_text("".join(at.query_params["architecture.layers"]))
    assert [layer.kind for layer in kept.layers][:3] == ["pooling", "dropout", "convolution"]


def test_an_impossible_layer_is_marked_where_it_stands() -> None:
    layers = Architecture("own", (Convolution(4), Dense(3), Flatten())).to_text()
    at = open_page("architecture.py", dataset="digits", **{"architecture.layers": layers})
    html = page_html(at)
    assert '<tr class="wrong"><td>2</td>' in html
    assert "Put Flatten or global pooling before it" in html
    assert "parameters**" not in texts(at)


def test_a_broken_link_says_so_and_shows_the_preset() -> None:
    at = open_page("architecture.py", **{"architecture.layers": "{"})
    assert "The link holds no network that can be read" in texts(at)
    assert "3 × 3 × 1 × 32 + 32 = 320" in page_html(at)


def test_training_takes_the_network_that_is_handed_over() -> None:
    layers = Architecture("own", (Convolution(4), Flatten(), Dense(3))).to_text()
    at = open_page("training.py", dataset="digits", **{"training.network": "own", "training.layers": layers})
    assert at.selectbox(key="training.network").value == "own"
    assert "layers.Conv2D(4, 3" in at.code[0].value


@pytest.mark.parametrize(
    "layer",
    [
        Convolution(5000, size=99, padding="full", activation="martian"),
        Convolution(0),
        Dropout(0.99),
        Dropout(7),
        Pooling("median", 40),
        Residual(-3),
    ],
    ids=str,
)
@pytest.mark.parametrize("level", ["class", "lab"])
def test_settings_that_no_control_can_show_are_said_in_the_table(layer, level) -> None:
    layers = Architecture("own", (layer, Flatten())).to_text()
    at = open_page("architecture.py", level=level, **{"architecture.layers": layers})
    assert '<tr class="wrong"><td>1</td>' in page_html(at) or layer == Dropout(0.99)


def test_another_preset_takes_the_place_of_ones_own_network() -> None:
    layers = Architecture("own", (Convolution(4), Flatten(), Dense(3))).to_text()
    at = open_page("architecture.py", dataset="cifar10", **{"architecture.layers": layers})
    at.selectbox(key="architecture.preset").set_value("tutorial-bn").run()
    assert "**122,570 parameters**" in texts(at)
    assert "architecture.layers" not in at.query_params


def test_an_unknown_preset_in_a_link_is_said_on_this_page() -> None:
    at = open_page("architecture.py", **{"architecture.preset": "martian"})
    assert "that is not here" in texts(at)
