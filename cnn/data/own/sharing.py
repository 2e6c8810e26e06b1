"""Who may open a visitor's own images: the workspace that brought them in and, once it shares them, everybody.

All of it is decided in one function, ``name_for``: to whom images are closed, they have another name, under which
nothing can be loaded. So no page, job or cache has to ask again.
"""

from cnn.data.own.set_folders import closed_name, folder, is_closed, is_own, open_name, read_info
from cnn.data.split import is_laid_out
from cnn.errors import DamagedFileError, DatasetError
from cnn.files import write_json
from cnn.stored_files import text


def name_for(name: str, workspace: str) -> str:
    """The name of a data set for a workspace: the one that opens its images if it may, else the closed one.

    Args:
        name: of any data set; a visitor's own is known by both names.
        workspace: who asks.
    """
    if not is_own(name):
        return name
    found = open_name(name)
    return found if _may_open(found, workspace) else closed_name(found)


def refuse_closed(name: str, workspace: str) -> None:
    """Check that a workspace may open the images of a data set.

    Raises:
        DatasetError: it may not.
    """
    if is_closed(closed := name_for(name, workspace)):
        raise DatasetError(why_without_images(closed))


def why_without_images(name: str) -> str:
    """Why there are no images under the name of an own set, in a sentence."""
    title = read_info(name).get("title")
    if is_closed(name) and is_laid_out(folder(open_name(name))):
        return (
            f"The images of “{title}” belong to somebody else, who does not share them. They can, on their Images page."
        )
    return f"The images of “{title}” were deleted, so they can no longer be shown."


def is_shared(name: str) -> bool:
    """Whether everybody may open the images of an own set."""
    return read_info(name).get("shared") is True


def share(name: str, workspace: str, *, shared: bool) -> None:
    """Let everybody open the images of an own set, or take that back.

    Raises:
        DatasetError: the set is not in this workspace, or the disk is full.
    """
    try:
        info = read_info(name)
        if text(info, "workspace") != workspace or not is_laid_out(folder(name)):
            raise DatasetError("These images are not yours, or were deleted before.")
        write_json(folder(name) / "info.json", {**info, "shared": shared})
    except (DamagedFileError, OSError) as error:
        raise DatasetError(f"This could not be changed ({error}); try again later.") from error


def _may_open(name: str, workspace: str) -> bool:
    try:
        info = read_info(name)
        # Sets that nobody brought in are names of classes without images, which came with a model.
        return text(info, "workspace") in ("", workspace) or info.get("shared") is True
    except DamagedFileError:
        return not folder(name).exists()
