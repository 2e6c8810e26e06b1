"""A computer that several people use: the browser becomes somebody new, and what was made stays where it is."""

import json
import re
import shutil
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from cnn.home import new_id
from cnn.jobs.record import write_status
from cnn.model import store
from pages.server.workspace_cookie import COOKIE
from tests.e2e.browser import PATIENCE, axe_findings, keyed, press_escape
from tools.browser_page import open_page


def workspace_cookie(page: Page) -> dict:
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE]
    return cookie


def workspace_of(cookie: dict) -> str:
    """The workspace in the cookie, which its signature follows."""
    return cookie["value"].partition(".")[0]


def save_model(home: Path, workspace: str, name: str, pretrained: str = "digits-tutorial") -> str:
    """Save a copy of a pretrained model in the server's folder as if this visitor had trained it; gives its id."""
    id = new_id()
    folder = home / "runs" / f".{id}.partial"
    shutil.copytree(store.PRETRAINED / pretrained, folder)
    config = {"kind": "train", "workspace": workspace, "name": name, "created": time.time(), "settings": {}}
    (folder / "config.json").write_text(json.dumps(config))
    write_status(folder, "finished", attempt=1)
    folder.rename(home / "runs" / id)
    return id


def models_in_picker(page: Page) -> list[str]:
    open_page(page, "/models")
    keyed(page, "shell.model").get_by_role("combobox").press("ArrowDown")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    return options.all_inner_texts()


def ask(page: Page) -> None:
    keyed(page, "shell.anew").get_by_role("button").click()
    expect(keyed(page, "shell.anew.yes")).to_be_visible()


def agree(page: Page) -> None:
    keyed(page, "shell.anew.yes").get_by_role("button").click()
    page.wait_for_url(lambda address: address.endswith("/"), timeout=PATIENCE)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)


def test_own_things_are_gone_from_the_pickers_and_open_by_their_links(page: Page, server_home: Path) -> None:
    open_page(page, "/")
    before, own = workspace_cookie(page), "Mugs *and* plates"
    id = save_model(server_home, workspace_of(before), own)
    assert own in models_in_picker(page)
    open_page(page, "/models")
    ask(page)
    assert axe_findings(page) == []
    link = keyed(page, "shell.anew.links").get_by_text(re.compile("^http")).inner_text()
    assert link.endswith(f"/models?model={id}")
    press_escape(page)
    expect(keyed(page, "shell.anew.yes")).to_have_count(0)
    assert own in models_in_picker(page)  # so far nothing has happened
    assert workspace_cookie(page)["value"] == before["value"]

    open_page(page, "/models")
    ask(page)
    agree(page)
    after = workspace_cookie(page)
    assert after["value"] != before["value"]
    assert (after["httpOnly"], after["sameSite"]) == (True, "Lax")
    assert own not in models_in_picker(page)
    open_page(page, link)
    expect(keyed(page, "models.title")).to_have_text(own, timeout=PATIENCE)
    expect(keyed(page, "models.rename")).to_have_count(0)


def test_a_newcomer_has_nothing_to_keep_and_can_start_anew_all_the_same(phone: Page) -> None:
    open_page(phone, "/training")
    before = workspace_cookie(phone)
    phone.get_by_test_id("stExpandSidebarButton").click()
    ask(phone)
    expect(keyed(phone, "shell.anew.links")).to_have_count(0)
    assert axe_findings(phone) == []
    agree(phone)
    assert workspace_cookie(phone)["value"] != before["value"]


def test_a_forged_cookie_opens_nothing_and_is_replaced(page: Page, server_home: Path) -> None:
    open_page(page, "/models")
    before, own = workspace_cookie(page), "Mugs and plates"
    save_model(server_home, workspace_of(before), own)
    page.reload()
    assert own in models_in_picker(page)
    assert workspace_cookie(page)["value"] == before["value"]
    forged = workspace_of(before) + "." + "A" * 43
    page.context.add_cookies([{**before, "value": forged}])
    assert own not in models_in_picker(page)
    assert workspace_cookie(page)["value"] not in (forged, before["value"])
    page.context.add_cookies([before])
    assert own in models_in_picker(page)
