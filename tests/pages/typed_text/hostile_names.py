"""A visitor's data set and networks, with names that are Markdown, HTML, formulas and worse.

The names are written into the files of a ``CNN_HOME``, as an earlier version may have left them there: no door of today
has made them harmless.
"""

import json
from pathlib import Path

import pytest

from cnn.data.own import own_datasets
from cnn.home import home
from cnn.jobs import queue
from cnn.jobs.worker import run_job
from cnn.training.config import recipe
from cnn.typed_text import make_visible
from tests.data.own.uploads import encode_random_image, make_zip

WORKSPACE = "an-unkind-workspace-00"
MARKER = "Zq!"  # in all of them, and nowhere else
CLASSES = (
    "Zq!0 [x](http://e.example)",
    "![Zq!1](http://e.example/i.png)",
    "Zq!2 $x$ $$y$$ `z` ~~a~~",
    ":material/home: Zq!3 :smile: :+1:",
    ":red[Zq!4] :blue-badge[x] :kbd[y]",
    "<img src=x onerror=alert(1)>Zq!5<b>y</b>",
    "=HYPERLINK(\"http://e.example\",'Zq!6')",
    "+1 Zq!7 www.e.example a@e.example",
    "-1 -> Zq!8 <- x -- *y* **z** _w_",
    "@x Zq!9 |a|b| # c\\",
    "1. Zq!10 \u202eabc\u2066def\x00\x07",
    "\t\n> Zq!11 {{y}} \n# z \"''\" '''",
)
IMAGES = (30, *[6] * (len(CLASSES) - 1))  # the first is so frequent that pages have to say so
MODEL = "=Zq! [x](http://e.example) $y$ :material/home: <img src=x> \u202e`a`\n# b :red[c]"
OTHER = "Zq! other ![x](http://e.example/i.png) :smile: <b>y</b> \u2066**z**"
TITLE = "-Zq! title [x](http://e.example) $y$ :red[c] <b>d</b>\n"
FILE = "=Zq! file [x](http:e.example) $y$ :smile: <b>`z`\u202egnp.png"
SHOUTED = CLASSES[4].replace("red", "RED")
VISIBLE = make_visible(MODEL)
SHORTENED = f"{VISIBLE[:34]}…{VISIBLE[-14:]}"  # as the list of models does it
NAMES = tuple(map(make_visible, (*CLASSES, MODEL, OTHER, TITLE, FILE, SHOUTED, SHORTENED)))


def rewrite(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def create_dataset() -> str:
    """Create the data set in the current ``CNN_HOME`` and return its name."""
    files = {
        f"{label}/{number}.png": encode_random_image(1000 * label + number)
        for label, count in enumerate(IMAGES)
        for number in range(count)
    }
    name = own_datasets.store_upload([("things.zip", make_zip(files))], WORKSPACE)
    settings = {"dataset": name, "title": "things", "workspace": WORKSPACE, "created": 1.0}
    id = queue.submit("bring", settings, workspace=WORKSPACE, name="Bring in things")
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    rewrite(own_datasets.folder(name) / "info.json", title=TITLE, class_names=CLASSES)
    rewrite(home() / "runs" / id / "config.json", name=f"Bring in {TITLE}")
    return name


def train(dataset: str, name: str) -> str:
    """Train for an epoch and return the run's id, which is that of its network."""
    config = recipe(dataset, "tutorial", epochs=1)
    id = queue.submit("train", config.to_dict(), workspace=WORKSPACE, name="a network")
    assert run_job(str(home()), id) == "finished", queue.read(id).reason
    rewrite(home() / "runs" / id / "config.json", name=name)
    rewrite(home() / "runs" / id / "card.json", class_names=CLASSES)
    return id


def be_their_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages take this visitor for the one to whom all of it belongs."""
    monkeypatch.setattr("pages.shell.workspace.workspace_from_cookie", lambda: WORKSPACE)
