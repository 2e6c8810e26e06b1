"""The rules that hold out validation images."""

import numpy as np

from cnn.data.datasets import validation_indices


def test_validation_indices_follow_their_rule():
    for rule in ("seeded", "tail"):
        indices = validation_indices(3420, rule)
        assert indices.tolist() == sorted(set(indices.tolist()))
        assert indices.dtype == np.int64
    assert len(validation_indices(50_000, "seeded")) == 5000
    assert validation_indices(3420, "tail").tolist() == list(range(3040, 3420))
    np.testing.assert_array_equal(validation_indices(1437, "seeded"), validation_indices(1437, "seeded"))
