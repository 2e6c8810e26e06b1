"""Writes the code that saves a network, loads it again, and compares the answers of both."""

from textwrap import indent

from cnn.keras_code.imports import with_imports
from cnn.keras_code.model import probabilities_code
from cnn.keras_code.photos import model_and_photo_code


def round_trip_code(*, one_logit: bool, pixel_seed: int | None = None) -> str:
    """Code that computes ``answers``, (2, 1, classes), of a network and of its loaded copy, and their ``difference``.

    Args:
        one_logit: whether two classes share one logit.
        pixel_seed: seed of the pixel permutation the model was trained with, or None.
    """
    probabilities = probabilities_code("network.predict(images, verbose=0)", one_logit=one_logit)
    return with_imports(f"""\
{model_and_photo_code(pixel_seed)}\
# Layers and weights go into one file; with a name that ends in ".h5" it would be in Keras' older format.
model.save("kept.keras")
loaded = keras.saving.load_model("kept.keras")
answers = []
for network in (model, loaded):
{indent(probabilities, "    ")}
    answers.append(np.asarray(probabilities))
difference = float(np.max(np.abs(answers[0] - answers[1])))
print(Path("kept.keras").stat().st_size, "bytes, greatest difference", difference)
""")
