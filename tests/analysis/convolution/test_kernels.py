import numpy as np
import pytest

from cnn.analysis.convolution.kernels import KERNELS, kernel, most_similar_kernel
from cnn.analysis.convolution.window import Window, convolve
from cnn.errors import ConfigError


def test_sobel_on_an_upright_edge_by_hand():
    image = np.tile([0.0, 0, 10, 10], (3, 1))[..., None]
    weights = kernel("sobel_upright")[..., None]
    np.testing.assert_array_equal(weights[..., 0], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_array_equal(convolve(image, weights, Window()), [[40, 40]])


def test_kernels_do_what_their_names_say():
    flat = np.full((7, 7), 3.0)
    for size in range(2, 8):
        for name in KERNELS:
            weights = kernel(name, size)
            assert weights.shape == (size, size)
            wanted = {"sobel_upright": 0, "sobel_level": 0, "edges": 0, "emboss": 3}.get(name, 3)
            assert (weights * flat[:size, :size]).sum() == pytest.approx(wanted), name
    np.testing.assert_allclose(kernel("soft_blur") * 16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    np.testing.assert_array_equal(kernel("sobel_upright", 5)[0], [-1, -2, 0, 2, 1])
    with pytest.raises(ConfigError, match="choose 2 to 7"):
        kernel("sobel_level", 1)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("factor", [0.3, -2.0])
def test_a_kernel_resembles_itself_at_any_strength_and_as_its_negative(name: str, factor: float) -> None:
    found, similarity = most_similar_kernel(factor * kernel(name))
    assert found == name
    assert similarity == pytest.approx(np.sign(factor))


def test_similarity_is_the_cosine_of_the_angle_between_both() -> None:
    weights = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    assert most_similar_kernel(weights) == ("identity", pytest.approx(1 / np.sqrt(2)))
    assert most_similar_kernel(np.zeros((3, 3)))[1] == 0
