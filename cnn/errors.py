"""The exceptions whose messages may be shown to users.

The message of a ``CnnError`` tells a user in a sentence what was received, what is expected and what to do. Any other
exception that escapes is a bug, and is logged but never shown.
"""


class CnnError(Exception):
    """Base of all errors that a user can cause or remedy."""


class ImageError(CnnError):
    """An upload is not an image that this app can read."""


class ImageShapeError(CnnError):
    """Images do not match a model's input shape."""


class DatasetError(CnnError):
    """A data set is unknown, not prepared, or could not be downloaded."""


class ConfigError(CnnError):
    """A setting, or a combination of settings, is invalid."""


class ModelError(CnnError):
    """A model is unknown, unreadable, or refused."""


class JobError(CnnError):
    """A job is unknown, belongs to another visitor, or exceeds a limit."""


class DamagedFileError(CnnError):
    """A file that the app has kept is missing, or is no longer what was written."""
