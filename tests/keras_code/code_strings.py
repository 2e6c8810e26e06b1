"""Every kind of code that a page shows, with what it needs beside it and how its numbers are checked."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn.analysis.activations.layer_outputs import layer_outputs
from cnn.analysis.attribution.gradients import attribution
from cnn.analysis.convolution.kernels import KERNELS, kernel
from cnn.analysis.convolution.operation import WindowOperation
from cnn.analysis.convolution.window import Window
from cnn.data.augmentation.mixing import layer_seed, mix_images
from cnn.data.augmentation.settings import FILLS, LIMITS, PRESETS, Augmentation
from cnn.data.image_decoding import decode, decode_photo
from cnn.data.images import fit_to
from cnn.data.photo_code import PhotoReading
from cnn.figures.mosaic import png
from cnn.keras_code import augmentation, convolution, mixing, model, round_trip, snippets, transfer
from cnn.model import store
from cnn.model.architectures import Architecture, BatchNormalization, Convolution, Dense, Flatten, Residual
from cnn.model.build import build
from cnn.model.exchange import package
from cnn.model.predict import predictor, to_model_input
from cnn.model.presets import PRESETS as NETWORKS
from cnn.model.presets import preset
from cnn.model.pretrained_bases import BASES, base_model, with_head
from cnn.model.summary import BaseSummary, base_summary
from pages.lessons.convolution.inputs import prepare_image, rescale_image
from tests.keras_code.photo_files import ORDINARY, SPECIAL, write_photo
from tests.model.exchange.model_files import save_run_model

ROOT = Path(__file__).parents[2]
Check = Callable[[dict[str, np.ndarray], str], None]


@dataclass
class CodeString:
    """A piece of code, the folder it runs in, the variables it leaves, and what these must be.

    Attributes:
        generator: the function that wrote it.
        check: of the variables in ``keep`` and of what was printed.
        after: code that is run behind it, in the same names.
        project: whether it needs more than TensorFlow, Keras, Pillow and NumPy.
    """

    generator: Callable[..., str]
    code: str
    folder: Path
    keep: tuple[str, ...]
    check: Check
    argv: list[str] = field(default_factory=lambda: ["script.py"])
    after: str = ""
    project: bool = False


def close(actual: Any, expected: Any) -> None:
    """Within 1e-5, or of the largest number where that is above 1."""
    expected = np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    assert np.shape(actual) == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * scale)


def new_folder(root: Path) -> Path:
    """A folder of its own for one string."""
    folder = root / f"{len(list(root.iterdir())):03}"
    folder.mkdir()
    return folder


def models() -> dict[str, store.Card]:
    """Networks of every kind that pages show, in this ``CNN_HOME``: grey, residual, one logit, shuffled, dense."""
    original = store.card("cifar10-tutorial")
    one_logit = with_head(base_model("built-in"), 2, seed=1)
    dense = build(preset("dense"), (32, 32, 3), 10, seed=3)
    names = list(original.class_names)
    return {
        "grey": store.card("digits-tutorial"),
        "residual": store.card("cifar10-resnet"),
        "one logit": save_run_model("one", "cats_vs_dogs", one_logit, ["cat", "dog"], config={"base": "built-in"}),
        "shuffled": save_run_model("shuffled", "cifar10", store.load_file(original), names, pixel_seed=3),
        "dense": save_run_model("dense", "cifar10", dense, names),
    }


def about_a_photo(root: Path, cards: dict[str, store.Card]) -> Iterator[CodeString]:
    """What Predict, Feature maps, Explanations and Models show, for every network and photo."""
    for card in cards.values():
        network = store.load_file(card)
        predict, outputs_of = predictor(network, card.pixel_seed), layer_outputs(network)
        for kind in ORDINARY:
            folder = new_folder(root)
            shutil.copy(card.file, folder / "model.keras")
            photo = write_photo(folder, kind)
            shutil.copy(photo, folder / "photo.jpg")
            seen = fit_to(decode(photo.read_bytes(), kind), card.input_shape)[None]
            images = to_model_input(card, seen)
            yield from _asked(folder, card, network, images, predict(seen), outputs_of(images))
    for kind, place in [("wide.jpg", 0.93), ("wide.jpg", None), *((kind, 0.5) for kind in SPECIAL)]:
        yield from _read_otherwise(new_folder(root), cards["residual"], kind, place)


def _read_otherwise(folder: Path, card: store.Card, kind: str, place: float | None) -> Iterator[CodeString]:
    """The strings for a photo whose cut was moved, that was squeezed in, that is huge, or HEIC."""
    shutil.copy(card.file, folder / "model.keras")
    photo = write_photo(folder, kind)
    is_heic = kind.endswith(".heic")
    shutil.copy(photo, folder / ("photo.heic" if is_heic else "photo.jpg"))
    pixels, decoding = decode_photo(photo.read_bytes(), kind)
    images = fit_to(pixels, card.input_shape, place)[None]
    network, reading = store.load_file(card), PhotoReading(decoding, place)
    outputs = layer_outputs(network)(images)
    for string in _asked(folder, card, network, images, predictor(network)(images), outputs, reading):
        if string.generator is not package.predict_script:
            yield replace(string, project=is_heic)


def _asked(
    folder: Path,
    card: store.Card,
    network: Any,
    images: np.ndarray,
    probabilities: np.ndarray,
    outputs: dict[str, np.ndarray],
    reading: PhotoReading | None = None,
) -> Iterator[CodeString]:
    best = card.class_names[int(probabilities.argmax())]

    def same_answer(kept: dict[str, np.ndarray], output: str) -> None:
        np.testing.assert_array_equal(kept["images"], images)
        close(kept["probabilities"], probabilities)
        assert output.splitlines()[-1] == best

    def same_maps(kept: dict[str, np.ndarray], output: str) -> None:
        assert [line.split(" ")[0] for line in output.splitlines()] == list(outputs)
        for index, values in enumerate(outputs.values()):
            close(kept[f"v{index}"], values)

    def same_script_answer(kept: dict[str, np.ndarray], output: str) -> None:
        close(kept["probabilities"], probabilities[0])
        assert len(output.splitlines()) == len(card.class_names)

    options = {"one_logit": card.one_logit, "pixel_seed": card.pixel_seed, "reading": reading}
    predict = snippets.predict_code(card.class_names, **options)
    yield CodeString(snippets.predict_code, predict, folder, ("images", "probabilities"), same_answer)
    after = "\n".join(f"v{index} = outputs[{name!r}]" for index, name in enumerate(outputs))
    keep = tuple(f"v{index}" for index in range(len(outputs)))
    maps = snippets.feature_maps_code(card.pixel_seed, reading)
    yield CodeString(snippets.feature_maps_code, maps, folder, keep, same_maps, after=after)
    script, argv = package.predict_script(card), ["predict.py", "photo.jpg"]
    yield CodeString(package.predict_script, script, folder, ("probabilities",), same_script_answer, argv)
    if reading is None:  # the photo of Models is always read as it comes
        yield _round_trip(folder, card, images, probabilities)
    code = snippets.grad_cam_code(card.pixel_seed, reading)
    yield _grad_cam(folder, code, network, images, int(probabilities.argmax()))


def _round_trip(folder: Path, card: store.Card, images: np.ndarray, probabilities: np.ndarray) -> CodeString:
    def same_answers(kept: dict[str, np.ndarray], output: str) -> None:
        np.testing.assert_array_equal(kept["images"], images)
        for answer in kept["answers"]:
            close(answer, probabilities)
        assert float(kept["difference"]) == np.abs(kept["answers"][0] - kept["answers"][1]).max() <= 1e-6
        size = (folder / "kept.keras").stat().st_size
        assert output.split(" ")[0] == str(size) and size > 4 * card.parameters

    code = round_trip.round_trip_code(one_logit=card.one_logit, pixel_seed=card.pixel_seed)
    keep = ("images", "answers", "difference")
    return CodeString(round_trip.round_trip_code, code, folder, keep, same_answers)


def _grad_cam(folder: Path, code: str, network: Any, images: np.ndarray, best: int) -> CodeString:
    volumes = [layer.name for layer in network.layers[2:] if len(layer.output.shape) == 4]
    if not volumes:
        return CodeString(snippets.grad_cam_code, code, folder, (), lambda kept, output: None)
    layer = [
        layer.name for layer in network.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.MaxPooling2D)
    ][-1]
    ours = attribution(network, "grad-cam", layer)

    def same_heat(kept: dict[str, np.ndarray], output: str) -> None:
        assert output.split(" ")[0] == volumes[-1]
        assert int(kept["number"]) == best
        for number in (0, 1):
            close(kept[f"heat_{number}"], ours(images, number))
        assert np.abs(kept["heat_0"] - kept["heat_1"]).max() > 0
        if volumes[-1] == layer:
            close(kept["heat"], ours(images, best))

    after = "\n".join(f"heat_{number} = grad_cam(images, {number}, {layer!r})" for number in (0, 1))
    keep = ("heat", "number", "heat_0", "heat_1")
    return CodeString(snippets.grad_cam_code, code, folder, keep, same_heat, after=after)


def about_a_model(root: Path, cards: dict[str, store.Card]) -> Iterator[CodeString]:
    """What Models, the time machine and Architecture show."""
    for card in cards.values():
        folder = new_folder(root)
        shutil.copy(card.file, folder / "model.keras")

        def names_its_layers(kept: dict[str, np.ndarray], output: str, card: store.Card = card) -> None:
            assert f"{store.load_file(card).count_params():,}" in output

        yield CodeString(snippets.load_model_code, snippets.load_model_code(), folder, (), names_its_layers)
    normalized_first = Architecture("own", (BatchNormalization(), Convolution(3), Flatten(), Dense(4)))
    for architecture in (*map(preset, NETWORKS), normalized_first):
        yield _time_machine(new_folder(root), architecture)
    wide = Architecture("own", (Convolution(4, batch_norm=True), Residual(6), Flatten(), Dense(5, "tanh", bias=False)))
    for architecture in (*map(preset, NETWORKS), normalized_first, wide):
        for shape, classes in (((32, 32, 3), 10), ((64, 64, 3), 2), ((28, 28, 1), 10)):
            yield _architecture(new_folder(root), architecture, shape, classes)


def about_a_base(root: Path, names: list[str]) -> Iterator[CodeString]:
    """What Transfer learning shows of a base, before and after it is frozen."""
    for name in names:
        folder = new_folder(root)
        (folder / "cnn").symlink_to(ROOT / "cnn")
        summary = base_summary(name, 2)

        def same_counts(kept: dict[str, np.ndarray], output: str, summary: BaseSummary = summary) -> None:
            for kind in ("trainable", "non_trainable"):
                label = kind.capitalize().replace("_", "-")
                printed = re.findall(rf"\b(?<!-){label} params: ([\d,]+)", output)
                counts = [getattr(step, kind) for step in (summary.loaded, summary.frozen)]
                assert [int(number.replace(",", "")) for number in printed] == counts

        code = transfer.base_summary_code(BASES[name])
        yield CodeString(transfer.base_summary_code, code, folder, (), same_counts)


def _time_machine(folder: Path, architecture: Architecture) -> CodeString:
    (folder / "epochs").mkdir()
    spreads = []
    for epoch in (0, 2, 10):
        network = build(architecture, (32, 32, 3), 10, seed=epoch)
        network.save_weights(folder / "epochs" / f"{epoch}.weights.h5")
        first = next(layer for layer in network.layers if type(layer).__name__ in ("Conv2D", "Dense"))
        spreads.append((epoch, np.asarray(first.kernel).shape, np.asarray(first.kernel).std()))
    network.save(folder / "model.keras")

    def same_spreads(kept: dict[str, np.ndarray], output: str) -> None:
        printed = [line.rsplit(" ", 1) for line in output.splitlines()]
        assert [start for start, _ in printed] == [f"{epoch} {shape}" for epoch, shape, _ in spreads]
        close([float(spread) for _, spread in printed], [spread for *_, spread in spreads])

    return CodeString(snippets.time_machine_code, snippets.time_machine_code(), folder, (), same_spreads)


def _architecture(folder: Path, architecture: Architecture, shape: tuple[int, int, int], classes: int) -> CodeString:
    images = np.random.default_rng(0).integers(0, 256, (2, *shape), np.uint8)

    def same_network(kept: dict[str, np.ndarray], output: str) -> None:
        ours = build(architecture, shape, classes, seed=5)
        theirs = keras.saving.load_model(folder / "built.keras")
        assert [type(layer) for layer in theirs.layers] == [type(layer) for layer in ours.layers]
        theirs.set_weights(ours.get_weights())
        close(np.asarray(theirs([images])), np.asarray(ours(images)))

    code = model.model_code(architecture, shape, classes)
    return CodeString(model.model_code, code, folder, (), same_network, after='model.save("built.keras")')


def windows(root: Path) -> Iterator[CodeString]:
    """What Convolution shows: every operation and kernel, strides, dilations, paddings, activations and inputs."""
    image = np.random.default_rng(1).integers(0, 256, (20, 23, 3), np.uint8)
    operations = [("convolution", Window(3), name) for name in KERNELS]
    operations += [("convolution", Window(*window), "sobel_upright") for window in _WINDOWS if window[0] == 3]
    operations += [(name, Window(2, 2), "") for name in ("max", "average", "min")]
    operations += [("max", Window(3, 2, padding="same"), ""), ("average", Window(3, 1, padding="same"), "")]
    for channels in (1, 3):
        shape = (20, 23, channels)
        inputs = [prepare_image(image, shape, None), rescale_image(image, shape, 1 / 127.5, -1.0, None)]
        for index, (name, window, kernel_name) in enumerate(operations):
            given = inputs[index % 2]
            weights = None
            if name == "convolution":
                weights = kernel(kernel_name, window.size)[..., None].repeat(channels, axis=2)
            sliding = WindowOperation(name, window, weights, 3.0 if weights is not None else 0.0)
            if index % 3 == 0 and weights is not None:
                sliding = replace(sliding, activation="relu")
            yield _window(new_folder(root), sliding, given.image, given.code, fit_to(image, shape))
    grid = np.tile(np.repeat([40.0, 200.0], 4), (8, 1))[..., None]
    yield _window(new_folder(root), WindowOperation("max", Window(2, 2)), grid, None, None)


_WINDOWS = [(3, 2), (3, 1, 2), (3, 2, 2), (3, 1, 1, "same"), (3, 2, 2, "same"), (3, 3, 1, "same")]


def _window(
    folder: Path, sliding: WindowOperation, image: np.ndarray, source: str | None, pixels: np.ndarray | None
) -> CodeString:
    if pixels is not None:
        (folder / "input.png").write_bytes(png(pixels))
    code = convolution.convolution_code(sliding, image, source)
    expected = sliding.apply(image)
    return CodeString(
        convolution.convolution_code,
        code,
        folder,
        ("result",),
        lambda kept, output: close(kept["result"][0].reshape(expected.shape), expected),
    )


def variants(root: Path) -> Iterator[CodeString]:
    """What Augmentation shows: the presets, each setting by itself, each filling; ``test_augmentation`` compares."""
    settings = [*PRESETS.values(), *(Augmentation(**{name: limit / 2}) for name, limit in LIMITS.items())]
    settings += [Augmentation(flip_vertical=True), Augmentation(zoom=0.3, stretch=True)]
    settings += [Augmentation(shift=0.2, rotation=30, shear=10, fill=fill) for fill in FILLS]
    settings += [Augmentation(brightness=0.2, contrast=0.2, saturation=0.2, noise=0.1, cutout=0.3)]
    for shape in ((32, 32, 3), (32, 32, 1), (64, 64, 3)):
        image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
        for setting in settings:
            folder = new_folder(root)
            (folder / "image.png").write_bytes(png(image))

            def same_kind(kept: dict[str, np.ndarray], output: str, image: np.ndarray = image) -> None:
                assert kept["varied"].shape == (6, *image.shape) and kept["varied"].dtype == np.uint8

            code = augmentation.variants_code(setting, 7, 6, shape)
            yield CodeString(augmentation.variants_code, code, folder, ("varied",), same_kind)


def mixtures(root: Path) -> Iterator[CodeString]:
    """What Augmentation shows of two pictures made one: the same pictures as on the page."""
    for name, layer in (("mix_up", "MixUp"), ("cut_mix", "CutMix")):
        for shape in ((32, 32, 3), (32, 32, 1)):
            folder = new_folder(root)
            images = np.random.default_rng(4).integers(0, 256, (4, *shape), np.uint8)
            (folder / "batch").mkdir()
            for number, image in enumerate(images):
                (folder / "batch" / f"{number}.png").write_bytes(png(image))
            labels = [0, 2, 1, 2]
            amounts = {"mix_up": 0.0, "cut_mix": 0.0, name: 0.5}
            mixed, fractions = mix_images(images, np.eye(3, dtype=np.float32)[labels], seed=9, **amounts)

            def same_mixtures(
                kept: dict[str, np.ndarray], output: str, mixed: np.ndarray = mixed, fractions: np.ndarray = fractions
            ) -> None:
                np.testing.assert_array_equal(kept["pictures"], mixed)
                close(kept["rows"], fractions)

            code = mixing.mixing_code(layer, 0.5, labels, 3, layer_seed(layer, 9))
            after = 'rows = np.asarray(mixed["labels"])'
            yield CodeString(mixing.mixing_code, code, folder, ("pictures", "rows"), same_mixtures, after=after)
