"""Evaluating a network by hand: the code that Evaluation shows, on the images that the page is about."""

from cnn.data import catalog, photo_code
from cnn.data.datasets import VALIDATION_FRACTION, VALIDATION_SEED
from cnn.keras_code.imports import with_imports
from cnn.keras_code.model import probabilities_code
from cnn.keras_code.photos import LOAD_MODEL, Shape, folder_code, permutation_code
from cnn.keras_code.training import load_photos_code, registration
from cnn.model.final_exam import ScoredSplit

COMMENTS = {
    "validation": "The validation images: choose by these as often as you like.",
    "test": "The final exam: take it once, when you have stopped changing the network.",
}
FOLDERS = {"validation": "my_validation_images", "test": "my_test_images"}


def evaluation_code(
    dataset: str, shape: Shape, split: ScoredSplit, *, one_logit: bool, pixel_seed: int | None = None
) -> str:
    """Code that computes ``table``, the confusion matrix of a model, and prints recall and precision.

    Args:
        dataset: name of the model's data set.
        shape: (height, width, channels) of the model's images.
        split: the images it is about.
        one_logit: whether the model has a single output, the logit of its second class.
        pixel_seed: the seed by which the model's pixels were permuted; None if they were not.
    """
    body = f"""\
# {COMMENTS[split]}
{_images_code(dataset, shape, split)}\
{permutation_code("x", pixel_seed)}\
{LOAD_MODEL}\
{probabilities_code("model.predict(x, verbose=0)", one_logit=one_logit)}
predicted = np.argmax(probabilities, axis=1)
table = np.zeros((probabilities.shape[1], probabilities.shape[1]), int)
np.add.at(table, (y, predicted), 1)
print(table)  # row: the true class, column: the predicted one
print("recall", np.diag(table) / table.sum(axis=1))
print("precision", np.diag(table) / np.maximum(1, table.sum(axis=0)))
"""
    return with_imports(body, *registration(catalog.info(dataset)))


def _images_code(dataset: str, shape: Shape, split: ScoredSplit) -> str:
    dataset_info = catalog.info(dataset)
    if dataset_info.own:
        return folder_code(FOLDERS[split], shape)
    if dataset_info.shape[0] is None:
        part = {"validation": "train[80%:90%]", "test": "train[90%:]"}[split]
        return f'{load_photos_code(dataset_info.builder, shape)}x, y = load("{part}")\n'
    part = {"validation": "train", "test": "test"}[split]
    load = f"""\
data = tfds.load("{dataset_info.builder}", split="{part}", as_supervised=True, batch_size=-1)
x, y = tfds.as_numpy(data)
"""
    if split == "validation":
        load += f"""\
# Which of the training images the app holds out.
shuffled = np.random.default_rng({VALIDATION_SEED}).permutation(len(x))
held_out = np.sort(shuffled[: round(len(x) * {VALIDATION_FRACTION})])
x, y = x[held_out], y[held_out]
"""
    if shape == dataset_info.network_shape:
        return load
    arguments = ", ".join(map(str, shape))
    return f"""\
{photo_code.FIT}

{load}\
x = np.stack([fit(Image.fromarray(image.squeeze()), {arguments}) for image in x])
"""
