"""A worksheet of a network that comes with the app."""

import numpy as np
import pytest

from cnn.analysis.worksheet.worksheet import make_worksheet
from cnn.data import catalog
from cnn.errors import DatasetError, ModelError
from cnn.model import store
from tests.prepared_data import link_data


@pytest.fixture
def shapes(cnn_home, laid_out_shapes) -> store.Card:
    link_data(cnn_home, laid_out_shapes, "shapes")
    return store.card("shapes-tutorial")


def test_the_numbers_are_the_networks(shapes):
    model = store.load_file(shapes)
    worksheet = make_worksheet(shapes, model, 3)
    split = catalog.load("shapes", "validation")
    assert np.array_equal(worksheet.image, split.take([worksheet.position])[0])
    assert worksheet.label == shapes.class_names[int(split.labels[worksheet.position])]

    logits = np.asarray(model(worksheet.image[None]), np.float64)[0]
    probabilities = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    order = np.argsort(-probabilities)[:4]
    assert [name for name, _ in worksheet.answer] == [shapes.class_names[index] for index in order]
    assert np.allclose([share for _, share in worksheet.answer], probabilities[order], atol=1e-5)

    layer = model.get_layer(worksheet.parameters[0].layer)
    assert worksheet.sizes[0].side == layer.output.shape[2]
    assert worksheet.parameters[0].parameters == layer.count_params()
    assert worksheet.parameters[1].parameters == model.layers[-1].count_params()


def test_the_same_number_gives_the_same_tasks_and_another_one_others(shapes):
    model = store.load_file(shapes)
    first, again, other = (make_worksheet(shapes, model, seed) for seed in (3, 3, 4))
    assert first.position == again.position != other.position
    assert np.array_equal(first.convolution.output, again.convolution.output)
    assert first.matching.places == again.matching.places
    assert np.array_equal(first.pooling.block, again.pooling.block)


def test_a_network_without_a_convolution_is_refused(shapes, monkeypatch):
    dense = store.PRETRAINED / "comparison" / "shapes-left-right-dense"
    card = store.card_in(dense)
    with pytest.raises(ModelError):
        make_worksheet(card, store.load_file(card), 1)


def test_without_its_data_set_the_worksheet_says_so():
    card = store.card("shapes-tutorial")
    with pytest.raises(DatasetError):
        make_worksheet(card, store.load_file(card), 1)
