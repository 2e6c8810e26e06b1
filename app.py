"""The server: ``streamlit run app.py``.

Serves the pages, starts the training engine, warms up TensorFlow in the background, and adds headers to every response.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pandas  # noqa: F401  otherwise imported while the first visitor waits for Home's picture
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cnn.jobs import job_limits
from cnn.training import duration_estimate  # noqa: F401  needed by Home
from pages.components import network_flow
from pages.server.base_path import base_path
from pages.server.client_address import client_address
from pages.server.host_check import HostMiddleware
from pages.server.middleware import VisitorMiddleware
from pages.server.new_visitor import start_as_somebody_new
from pages.server.proxies import ProxyMiddleware
from pages.server.sockets import disable_nagle
from pages.server.startup import startup
from pages.server.streamlit_runtime import keep_messages
from pages.server.uploads.upload_limits import UploadLimitMiddleware
from pages.server.uploads.upload_store import delete_uploads, keep_uploads_on_disk
from pages.shell import selection  # noqa: F401  needed by every page
from pages.shell.errors import on_script_error
from pages.shell.menu import all_lessons
from pages.widgets.run import status  # noqa: F401  needed by Home

PAGES = ["", *(Path(lesson.file).stem for lesson in all_lessons()[1:])]  # as in the address; Home's is empty


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Keep the engine and TensorFlow up while the server runs."""
    disable_nagle()
    network_flow.flow_data()
    inspect.stack()  # Streamlit calls it before its first element; the first call takes 60 ms
    startup.start(asyncio.get_running_loop(), PAGES)
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(startup.close)
        delete_uploads()


async def ready(_request: Request) -> JSONResponse:
    """``GET /ready``: 200 if training, prediction and all pages answer at once, else 503; the body tells which."""
    state = startup.ready()
    return JSONResponse(state, status_code=200 if all(state.values()) else 503)


BASE = base_path()
app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    routes=[
        Route(f"{BASE}/ready", ready),
        Route(f"{BASE}/somebody-new", start_as_somebody_new, methods=["POST"]),
        Mount(f"{BASE}/assets", StaticFiles(directory=Path(__file__).parent / "pages" / "assets")),
    ],
    middleware=list(map(Middleware, (ProxyMiddleware, HostMiddleware, VisitorMiddleware, UploadLimitMiddleware))),
    on_script_error=on_script_error,
)
keep_uploads_on_disk(app)
keep_messages()
job_limits.find_address_with(client_address)
