"""Find a Chrome or Chromium that really starts; run as a program, install one if there is none.

An installed browser is preferred, then Playwright's own, then, for root, Debian's package. Candidates are started, not
just looked up: Ubuntu's ``chromium-browser`` can be a stub, and Playwright's browser may lack system libraries.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

# The shell has no windows of its own to draw: it needs a seventh less processor time than the whole browser.
INSTALLED = (
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The first three are internal pages that the browser loads with every window a test opens, a second of work during
# which our page waits. The others are Playwright's own list, which this switch overrides.
DISABLED_FEATURES = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Chromium's sandbox does not work for root, and nothing here may access the internet. The fake camera shows a moving
# test picture.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",  # names that nobody has (RFC 2606): tests give them to proxies
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
INSTALL_INSTRUCTIONS = (
    "No Chrome or Chromium that starts was found, and none could be installed. Install one and run the command again: "
    "on Debian, `sudo apt-get install chromium`; on Ubuntu and WSL, `.venv/bin/python -m playwright install "
    "--with-deps chromium`; on macOS, Google Chrome from https://www.google.com/chrome."
)


class NoBrowserError(RuntimeError):
    """No candidate starts; the message tells what to install."""


def candidates(playwright: Playwright) -> Iterator[str]:
    """Paths of the browsers on this machine, in order of preference."""
    yield from filter(None, map(shutil.which, INSTALLED))
    if Path(playwright.chromium.executable_path).exists():
        yield playwright.chromium.executable_path


def launch(playwright: Playwright) -> tuple[Browser, str]:
    """Start the first candidate that works, headless.

    Returns:
        The running browser and its path.

    Raises:
        NoBrowserError: no candidate starts.
    """
    for path in candidates(playwright):
        try:
            return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=60_000), path
        except Error as error:
            print(f"{path} does not start: {error.message.splitlines()[0]}", file=sys.stderr)
    raise NoBrowserError(INSTALL_INSTRUCTIONS)


def working_browser() -> str | None:
    """The path of a browser that starts on this machine, or None."""
    with sync_playwright() as playwright:
        try:
            browser, path = launch(playwright)
        except NoBrowserError:
            return None
        browser.close()
        return path


def installations() -> Iterator[list[list[str]]]:
    """Ways to install a browser, each a list of commands, in the order to try them."""
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield [
            ["apt-get", "update"],
            ["apt-get", "install", "--yes", "--no-install-recommends", "chromium-headless-shell"],
        ]


def main() -> None:
    """Print the path of a working browser, installed if need be; exit with 1 if there is none."""
    path = working_browser()
    for commands in installations():
        if path:
            break
        for command in commands:
            print("No browser yet, trying:", " ".join(command), flush=True)
            # If a command fails, or hangs behind a firewall that drops the request, the next way is tried.
            try:
                environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=600, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                print(error, file=sys.stderr)
                break
        path = working_browser()
    print(f"Browser for the tests: {path}" if path else INSTALL_INSTRUCTIONS, flush=True)
    sys.exit(not path)


if __name__ == "__main__":
    main()
