"""The built-in data set ``shapes``: eight kinds of objects on soft backgrounds, drawn without a network."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from cnn.data.builtin.shape_drawing import NAMES, SIZE, Half, draw

COUNTS = {"train": 8000, "test": 2000}

_SEED = 2024


class Shapes(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of ``shapes``, with the configs ``default`` and ``left_right``.

    Features: ``image`` uint8 (32, 32, 3), 0-255; ``label`` int64, 0-7; ``bbox`` float32 (4,): ymin, xmin, ymax, xmax in
    0..1; ``id``, such as ``train_00042``. Each image has its own random generator, seeded by its split and index.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}  # noqa: RUF012 - TFDS' own form
    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name="default", description="Objects anywhere in the picture."),
        tfds.core.BuilderConfig(
            name="left_right", description="Small objects, all in the left half for training, in the right in the test."
        ),
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"10,000 drawn pictures of eight kinds of objects ({', '.join(NAMES)}), with their places.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIZE, SIZE, 3), dtype=np.uint8),
                    "label": tfds.features.ClassLabel(names=NAMES),
                    "bbox": tfds.features.BBoxFeature(),
                    "id": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
            citation="@misc{convnetlabshapes, title = {Shapes: eight kinds of drawn objects}, author = {Convnet Lab}}",
            license="CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/), made by this project",
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(split) for split in COUNTS}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        halves: dict[str, Half] = {"train": "left", "test": "right"}
        half = halves[split] if self.builder_config.name == "left_right" else None
        for index in range(COUNTS[split]):
            label = index % len(NAMES)
            image, box = draw(label, np.random.default_rng([_SEED, list(COUNTS).index(split), index]), half)
            yield (
                index,
                {
                    "image": image,
                    "label": label,
                    "bbox": tfds.features.BBox(*box),
                    "id": f"{split}_{index:05d}",
                },
            )
