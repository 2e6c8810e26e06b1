"""The server: ``streamlit run app.py``.

Serves the pages, starts the training engine and warms TensorFlow up beside them, and gives every answer its headers.
"""

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pandas  # noqa: F401  Streamlit would import it while the first visitor waits for Home's picture
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cnn.training import duration_estimate  # noqa: F401  what Home needs
from pages.components import network_flow
from pages.server.middleware import VisitorMiddleware
from pages.server.sockets import disable_nagle
from pages.server.startup import startup
from pages.shell import selection  # noqa: F401  what every page needs
from pages.shell.errors import on_script_error
from pages.widgets.run import status  # noqa: F401  what Home needs


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Hold engine and TensorFlow for as long as the server runs."""
    disable_nagle()
    network_flow.flow_data()
    inspect.stack()  # Streamlit looks at it before its first element; the first look costs 60 ms
    startup.start()
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(startup.close)


async def ready(_request: Request) -> JSONResponse:
    """``GET /ready``: 200 when training and prediction would start at once, else 503; says which."""
    state = startup.ready()
    return JSONResponse(state, status_code=200 if all(state.values()) else 503)


app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    routes=[
        Route("/ready", ready),
        Mount("/assets", StaticFiles(directory=Path(__file__).parent / "pages" / "assets")),
    ],
    middleware=[Middleware(VisitorMiddleware)],
    on_script_error=on_script_error,
)
