import numpy as np
import pytest

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.errors import ImageShapeError, ModelError
from cnn.model.build import build
from cnn.model.presets import preset


def test_it_returns_the_requested_layers_and_refuses_images_that_do_not_match():
    model = build(preset("tutorial"), (32, 32, 3), 10)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    outputs = layer_outputs(model, ["logits", "conv_1"])(images)
    assert list(outputs) == ["conv_1", "logits"]
    np.testing.assert_allclose(outputs["logits"], model(images), atol=1e-5)
    with pytest.raises(ModelError, match="no layer called “nose”"):
        layer_outputs(model, ["nose"])
    for unsuitable in (images.astype(np.float32), images[0], images[:, :30]):
        with pytest.raises(ImageShapeError, match="Resize them first"):
            layer_outputs(model)(unsuitable)
