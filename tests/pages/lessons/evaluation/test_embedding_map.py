"""Picking images from the map."""

import numpy as np

from pages.lessons.evaluation.embedding_map import picked_points


def test_picking_one_or_a_rectangle_or_nothing() -> None:
    points = np.array([[0, 0], [1, 0], [5, 5], [6, 5]], np.float32)
    positions = np.array([10, 20, 30, 40])
    chosen, what = picked_points({"picked": [], "group": {"x": [4, 7], "y": [6, 4]}}, points, positions)
    assert (chosen.tolist(), what) == ([2, 3], "In the rectangle")
    chosen, what = picked_points({"picked": [{"position": 20}], "group": {}}, points, positions)
    assert chosen.tolist() == [1, 0, 2, 3]
    assert picked_points({"picked": [{"position": 99}]}, points, positions)[0].size == 0
    assert picked_points({}, points, positions)[0].size == 0
