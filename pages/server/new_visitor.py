"""``POST /somebody-new``: a new workspace for a browser that several people share."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnn.errors import CnnError
from pages.server.middleware import new_cookie


async def start_as_somebody_new(request: Request) -> Response:
    """Replace the browser's workspace cookie, so that it owns nothing; 403 if another site's page asks for it.

    503 with a sentence if the server has no key to sign it with.

    Nothing on the server changes: what the old workspace owns stays, and is used by links that name it.
    """
    if not _is_asked_by_our_page(request):
        return PlainTextResponse("Only a page of this app can ask for that.", status_code=403)
    try:
        return Response(status_code=204, headers={"Set-Cookie": new_cookie(request.scope)})
    except CnnError as error:
        return PlainTextResponse(str(error), status_code=503)


def _is_asked_by_our_page(request: Request) -> bool:
    """Whether a page of this server sent the request.

    Browsers name the sender: with ``Sec-Fetch-Site`` over https and on the machine itself, else with ``Origin``.
    Source: OWASP Cross-Site Request Forgery Prevention cheat sheet.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")
