"""The one exception family a page may show to a person.

The message of a ``CnnError`` is a sentence for the reader: what was received, what is expected, what to do.
Anything else that escapes is a bug and is logged, never shown.
"""


class CnnError(Exception):
    """Base of every error that a user can cause."""


class ImageError(CnnError):
    """An upload is not an image this app can read."""


class ImageShapeError(CnnError):
    """Images do not fit a model's input."""


class DatasetError(CnnError):
    """A data set is unknown, not prepared, or could not be fetched."""


class ConfigError(CnnError):
    """A setting, or a combination of settings, is impossible."""


class ModelError(CnnError):
    """A model is unknown, unreadable, or refused."""


class JobError(CnnError):
    """A job is unknown, not the visitor's own, or over a limit."""
