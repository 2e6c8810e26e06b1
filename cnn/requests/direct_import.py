"""Brings a model in at once, without queue and page: for the command line."""

import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cnn.data.image_decoding import shown_name
from cnn.errors import ModelError
from cnn.files import write_json
from cnn.home import new_id
from cnn.jobs import queue
from cnn.jobs.job_limits import check_disk
from cnn.jobs.record import write_status
from cnn.model.exchange import admission, foreign
from cnn.model.exchange.pixel_scaling import pixel_scaling
from cnn.progress import Report, ShouldStop
from cnn.requests.models import KEEP, name_from_file


def import_directly(
    path: Path, class_names: list[str], pixels: str, report: Report, should_stop: ShouldStop
) -> dict[str, Any]:
    """Bring in a file of any Keras, as the Models page does, in the same confined process.

    Classes that are exactly those of a public data set make it that data set's; if it is prepared, the model is asked
    about its test images.

    Args:
        path: of a ``.keras`` or HDF5 file.
        class_names: in the order of the network's answers.
        pixels: one of ``pixel_scaling.PIXELS``.

    Returns:
        {"id": of the model, and what was understood of the file}, as JSON types.

    Raises:
        ConfigError, ModelError: the file is refused, or names and scaling do not suit it; the message says why.
        OSError: the file cannot be read, or the disk is full.
        Stopped: ``should_stop`` returned True; nothing is kept.
    """
    pixel_scaling(pixels)
    check_disk()
    with path.open("rb") as file:
        if admission.check_model_file(file, path.name) is not None:
            raise ModelError(
                f"“{shown_name(path.name)}” comes from this app and says itself what its classes are; bring it in on "
                "the Models page."
            )
    id = new_id()
    with queue.folder_for_new_job(id) as partial:
        looked_at = partial / "looked-at"
        looked_at.mkdir()
        understood = foreign.inspect(path, looked_at, f"“{shown_name(path.name)}”", report, should_stop)
        names = foreign.check_class_names(class_names, understood)
        dataset = foreign.matching_dataset(names)
        settings = {"class_names": names, "pixels": pixels, "dataset": dataset, "file": path.name}
        config = {
            "kind": KEEP,
            "workspace": "",
            "name": name_from_file(path.name),
            "created": time.time(),
            "settings": settings,
        }
        write_json(partial / "config.json", config)
        card = foreign.keep(looked_at, partial, settings, report, should_stop)
        shutil.rmtree(looked_at)
        write_status(partial, "finished", attempt=1)
    kept = {key: card[key] for key in ("class_names", "dataset", "test", "validation")}
    return {"id": id, "file": path.name, "pixels": pixels, **kept, **asdict(understood)}
