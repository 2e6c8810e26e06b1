"""Fine-tuning trains the last layers of a base and its head, and leaves the layers before them unchanged."""

import keras
import numpy as np
import pytest

from cnn.model.fine_tuning import trainable_parameters, unfreeze
from cnn.model.pretrained_bases import base_model, with_head


@pytest.fixture(scope="module")
def mobilenet(prepared_data) -> keras.Model:
    return base_model("mobilenet_v2")


def test_fine_tuning_thirty_layers_changes_only_those_and_the_head(mobilenet: keras.Model) -> None:
    model = with_head(mobilenet, 2)
    unfreeze(model, 30)
    before = {weight.path: np.array(weight) for weight in model.weights}
    images = np.random.default_rng(2).integers(0, 256, (4, 160, 160, 3)).astype(np.uint8)
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.BinaryCrossentropy(from_logits=True))
    model.fit(images, np.array([0, 1, 0, 1]), epochs=2, batch_size=2, verbose=0)
    layers = [layer for layer in model.layers if layer.name not in ("global_pool", "logits")]
    assert len(layers) == 155
    for index, layer in enumerate(layers):
        is_normalization = isinstance(layer, keras.layers.BatchNormalization)
        for weight in layer.weights:
            changed = np.any(np.array(weight) != before[weight.path])
            assert changed == (index >= 125 and not is_normalization), (layer.name, weight.path)
    head = model.get_layer("logits")
    assert all(np.any(np.array(weight) != before[weight.path]) for weight in head.weights)


def test_trainable_parameters_grow_from_the_head_alone_to_every_convolution(mobilenet: keras.Model) -> None:
    model = with_head(mobilenet, 2)
    counts = []
    for layers in (0, 10, 30, 155):
        unfreeze(model, layers)
        counts.append(trainable_parameters(model))
    assert counts[0] == 1281
    assert counts == sorted(set(counts))
    convolutions = [w for layer in model.layers if "Conv" in type(layer).__name__ for w in layer.weights]
    assert counts[-1] == 1281 + sum(int(np.prod(w.shape)) for w in convolutions)
    unfreeze(model, 0)
    assert trainable_parameters(model) == 1281
