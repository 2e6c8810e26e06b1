"""The Architecture page: editing layers, reporting impossible ones, and handing the network to Training."""

import html
import re

import pytest
from streamlit.testing.v1 import AppTest

from cnn.data import catalog
from cnn.errors import ConfigError
from cnn.model.architectures import Architecture, Convolution, Dense, Dropout, Flatten, Layer, Pooling, Residual
from cnn.model.presets import preset
from cnn.model.shape_inference import first_problem
from tests.pages.opening import notices, open_page, texts

TOTAL_MEMORY = r"[\d,]+ kB"  # part of the sentence with the network's totals


def page_html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def edited_layers(at: AppTest) -> tuple[Layer, ...]:
    """The layers of the network in the page's address."""
    return Architecture.from_text("".join(at.query_params["architecture.layers"])).layers


def impossible_layers(at: AppTest) -> list[str]:
    """Numbers of the layers whose rows say that they cannot be."""
    return re.findall(r'<tr class="wrong"><th[^>]*>(\d+) ', page_html(at))


def linked_pages(at: AppTest) -> set[str]:
    """The pages to which links with a network in their address lead."""
    return {link.proto.page for link in at.main.get("page_link") if "layers=" in link.proto.query_string}


def test_opens_on_the_tutorial_network_with_its_costs() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    assert "3 × 3 × 3 × 32 + 32 = 896" in page_html(at)
    assert "**122,570 " in texts(at)
    assert re.search(r"\b7\b\D+\b53\.5 %\D+\b1\.4 %", texts(at))
    assert re.search(TOTAL_MEMORY, texts(at))
    assert "training" in linked_pages(at)


def test_a_layer_is_not_said_to_see_everything_where_it_does_not() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    assert page_html(at).count("<td>30 × 30 of 32 × 32 pixels</td>") == 2  # the dense layer and the output
    at.selectbox(key="architecture.preset").set_value("resnet-small").run()
    assert "**839,530 parameters**, 1,824 of them not learned but measured" in texts(at)
    assert "1,219 kB" in texts(at)
    assert page_html(at).count(", with 448 measured<") == 1  # the second residual block
    assert re.findall(r"pixels; everything: (\d+)\D%", page_html(at)) == ["6", "25", "25", "25"]


def test_layers_can_be_changed_moved_removed_and_added_and_the_address_keeps_them() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    at.number_input(key="architecture.set.1.convolution.filters").set_value(8).run()
    assert "3 × 3 × 3 × 8 + 8 = 224" in page_html(at)
    at.selectbox(key="architecture.kind").set_value("dropout").run()
    at.button(key="architecture.add").click().run()
    at.button(key="architecture.down").click().run()
    at.selectbox(key="architecture.at").set_value(1).run()
    at.button(key="architecture.remove").click().run()
    assert not at.exception
    assert [layer.kind for layer in edited_layers(at)][:3] == ["pooling", "dropout", "convolution"]


def test_removing_a_layer_keeps_the_position_and_moving_one_follows_it() -> None:
    at = open_page("architecture.py", dataset="cifar10")
    at.selectbox(key="architecture.at").set_value(3).run()
    at.button(key="architecture.remove").click().run()
    assert at.selectbox(key="architecture.at").value == 3
    at.button(key="architecture.up").click().run()
    assert at.selectbox(key="architecture.at").value == 2


def test_a_click_that_comes_before_the_page_has_followed_the_selection_means_the_new_one() -> None:
    at = open_page("architecture.py")
    at.selectbox(key="architecture.at").set_value(2)
    at.button(key="architecture.remove").click().run()
    expected = preset("tutorial").layers
    assert edited_layers(at) == expected[:1] + expected[2:]


def test_of_two_quick_edits_neither_is_lost() -> None:
    at = open_page("architecture.py")
    at.button(key="architecture.remove").click()
    at.button(key="architecture.add").click().run()  # both clicks come before the page has followed the first
    kinds = [layer.kind for layer in edited_layers(at)]
    expected = [layer.kind for layer in preset("tutorial").layers]
    assert len(kinds) == len(expected)
    assert kinds != expected


def test_a_change_to_a_layer_that_has_just_been_removed_changes_no_other() -> None:
    at = open_page("architecture.py")
    at.button(key="architecture.remove").click()
    at.number_input(key="architecture.set.1.convolution.filters").set_value(5).run()
    assert not at.exception
    assert 5 not in {getattr(layer, "filters", None) for layer in edited_layers(at)[1:]}


def test_edits_are_undone_one_by_one() -> None:
    at = open_page("architecture.py")
    undo = "architecture.undo"
    assert at.button(key=undo).disabled
    at.number_input(key="architecture.set.1.convolution.filters").set_value(8).run()
    at.button(key="architecture.remove").click().run()
    at.selectbox(key="architecture.preset").set_value("resnet-small").run()
    assert "architecture.layers" not in at.query_params
    at.button(key=undo).click().run()
    assert at.selectbox(key="architecture.preset").value == "tutorial"
    assert edited_layers(at) == preset("tutorial").layers[1:]
    at.button(key=undo).click().run()
    assert edited_layers(at)[0].filters == 8
    at.button(key=undo).click().run()
    assert "architecture.layers" not in at.query_params
    assert at.number_input(key="architecture.set.1.convolution.filters").value == 32
    assert at.button(key=undo).disabled


def test_an_impossible_layer_is_marked_in_its_row() -> None:
    architecture = Architecture("own", (Convolution(4), Dense(3), Flatten()))
    at = open_page("architecture.py", dataset="digits", **{"architecture.layers": architecture.to_text()})
    problem = first_problem(architecture, catalog.network_shape("digits"))
    assert problem is not None
    assert impossible_layers(at) == ["2"]
    assert problem[1] in notices(at)
    at.button(key="architecture.select").click().run()
    assert at.selectbox(key="architecture.at").value == 2
    assert not [button for button in at.button if button.key == "architecture.select"]
    assert html.escape(problem[1]) in page_html(at)
    assert not re.search(TOTAL_MEMORY, texts(at))
    assert "training" not in linked_pages(at)


def test_a_broken_link_is_reported_and_the_preset_shown() -> None:
    with pytest.raises(ConfigError) as error:
        Architecture.from_text("{")
    at = open_page("architecture.py", **{"architecture.layers": "{"})
    assert str(error.value) in notices(at)
    assert "3 × 3 × 1 × 32 + 32 = 320" in page_html(at)


def test_training_receives_the_network_in_the_link() -> None:
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
def test_settings_out_of_a_controls_range_are_reported_in_the_table(layer: Layer, level: str) -> None:
    layers = Architecture("own", (layer, Flatten())).to_text()
    at = open_page("architecture.py", level=level, **{"architecture.layers": layers})
    assert impossible_layers(at) == ([] if layer == Dropout(0.99) else ["1"])


def test_another_preset_replaces_the_edited_network() -> None:
    layers = Architecture("own", (Convolution(4), Flatten(), Dense(3))).to_text()
    at = open_page("architecture.py", dataset="cifar10", **{"architecture.layers": layers})
    at.selectbox(key="architecture.preset").set_value("tutorial-bn").run()
    assert "**123,018 parameters**, 448 of them not learned" in texts(at)
    assert "architecture.layers" not in at.query_params


def test_an_unknown_preset_in_a_link_is_reported_on_this_page() -> None:
    at = open_page("architecture.py", **{"architecture.preset": "martian"})
    assert any("“martian”" in sentence for sentence in notices(at))
