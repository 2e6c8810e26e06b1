import numpy as np

from cnn.analysis.activations import top_images
from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.model.build import build
from cnn.model.presets import preset


def test_the_strongest_answer_of_every_filter_and_its_place_are_numpys(monkeypatch):
    monkeypatch.setattr(top_images, "BATCH", 7)
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    ask = layer_outputs(build(preset("tutorial"), (32, 32, 3), 10), ["conv_2"])
    found = top_images.max_activations(ask, "conv_2", lambda positions: images[positions.start : positions.stop], 20)
    maps = ask(images)["conv_2"]
    np.testing.assert_allclose(found.strongest, maps.max(axis=(1, 2)), rtol=1e-5)
    for image, number in ((0, 0), (6, 63), (7, 5), (19, 31)):
        place = found.rows[image, number], found.columns[image, number]
        assert maps[image][place][number] == maps[image, ..., number].max()
    order = top_images.top_images(found, 5, 4)
    assert order.tolist() == np.argsort(-maps[..., 5].max(axis=(1, 2)), kind="stable")[:4].tolist()
