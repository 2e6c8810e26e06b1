import numpy as np

from cnn.analysis.activations import top_images
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.model.build import build
from cnn.model.presets import preset


def test_the_highest_activation_of_every_filter_and_its_position_match_numpy(monkeypatch):
    monkeypatch.setattr(top_images, "BATCH", 7)
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    outputs_of = layer_outputs(build(preset("tutorial"), (32, 32, 3), 10), ["conv_2"])
    activations = top_images.max_activations(
        outputs_of, "conv_2", lambda positions: images[positions.start : positions.stop], 20
    )
    maps = outputs_of(images)["conv_2"]
    np.testing.assert_allclose(activations.highest, maps.max(axis=(1, 2)), rtol=1e-5)
    for image, filter_index in ((0, 0), (6, 63), (7, 5), (19, 31)):
        position = activations.rows[image, filter_index], activations.columns[image, filter_index]
        assert maps[image][position][filter_index] == maps[image, ..., filter_index].max()
    order = top_images.top_images(activations, 5, 4)
    assert order.tolist() == np.argsort(-maps[..., 5].max(axis=(1, 2)), kind="stable")[:4].tolist()
