"""Pages of a running server, opened over its WebSocket as a browser opens them."""

from benchmarks.harness.visitor import visitor
from pages.shell.errors import OUR_SIDE
from tools.faults.run_watch import NotHeld

PAGES = ("home", "training", "models", "time_machine", "evaluation", "explanations", "feature_maps", "predict")
_SIGN = OUR_SIDE.partition(",")[0].encode()


def open_pages(address: str, query: str = "", pages: tuple[str, ...] = PAGES) -> int:
    """Open pages, each as a new visitor; how many.

    Raises:
        NotHeld: a page says that something went wrong on the server's side, or does not run to its end.
    """
    for page in pages:
        try:
            with visitor(address, "" if page == "home" else page, query) as rerun:
                shown = rerun()
        except (OSError, RuntimeError, TimeoutError) as error:
            raise NotHeld(f"{page}?{query} does not answer: {error}") from error
        if _SIGN in shown:
            raise NotHeld(f"{page}?{query} says that something went wrong on our side.")
    return len(pages)
