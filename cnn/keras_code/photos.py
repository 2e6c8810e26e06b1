"""Code that gets a photo, or a folder of photos, into the arrays that a network takes, as the app does."""

from cnn.data import photo_code
from cnn.data.own.image_reader import SIDE
from cnn.data.photo_code import PhotoReading

Shape = tuple[int, int, int]

LOAD_MODEL = 'model = keras.saving.load_model("model.keras")  # from the Models page, renamed\n'


def model_and_photo_code(pixel_seed: int | None, reading: PhotoReading | None = None) -> str:
    """Code that defines ``model`` and ``images``, uint8 (1, H, W, C): a photo's file as the model's layers get it.

    The file is ``photo.jpg``, or ``photo.heic``.

    Args:
        pixel_seed: seed of the pixel permutation the model was trained with, or None.
        reading: of the photo; None for the usual.
    """
    reading = reading or PhotoReading()
    is_heic = reading.decoding is not None and reading.decoding.format == "HEIF"
    return f"""\
{photo_code.read_photo_code(reading.decoding)}

{photo_code.fit_code(reading.place)}

{LOAD_MODEL}\
images = fit(read_photo("photo.{"heic" if is_heic else "jpg"}"), *model.input_shape[1:])[None]  # one photo
{permutation_code("images", pixel_seed)}"""


def permutation_code(images: str, pixel_seed: int | None) -> str:
    """Code that permutes the pixels of ``images``, a variable of shape (N, H, W, C); empty without a seed."""
    if pixel_seed is None:
        return ""
    return f"""\
# The network has learned from pixels in this order.
order = np.random.default_rng([{pixel_seed}, 2]).permutation({images}.shape[1] * {images}.shape[2])
{images} = {images}.reshape(len({images}), -1, {images}.shape[3])[:, order].reshape({images}.shape)
"""


def folder_code(folder: str, shape: Shape, images: str = "x", labels: str = "y", *, shrink: int = SIDE) -> str:
    """Code that reads a folder with a folder for each class into ``images`` and ``labels``; it also has ``names``.

    Args:
        shape: (height, width, channels) of the images.
        images: name of the array, uint8 (N, *shape); ``labels`` is the array of classes, int (N,).
        shrink: the app keeps photos at this many pixels a side.
    """
    return f"""\
{photo_code.READ_AND_FIT}

{photo_code.shrink_code(shrink)}

# A folder with a folder for each class.
folders = sorted(Path("{folder}").iterdir(), key=lambda path: path.name.casefold())
names = [path.name for path in folders]
files = [(file, label) for label, path in enumerate(folders) for file in sorted(path.iterdir())]
{images} = np.stack([fit(shrink(read_photo(file)), {", ".join(map(str, shape))}) for file, _ in files])
{labels} = np.array([label for _, label in files])
"""
