"""The routes of the web port."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ecorad.ledger import Workspace
from ecorad.ledger.spool import SpoolFailedError, SpoolFullError
from ecorad.model import StoreError
from ecorad.service.quarantine import Quarantine

from .alerts import AlertsPage
from .check import CheckPage
from .fields import Fields
from .leaflet import LeafletPage
from .patient import PatientPage
from .readings import BodyError, Readings, read_body
from .receipts import ReceiptsPage

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_MAX_FORM_BYTES = 4096
# Some fifty fields of orders, each at its longest.
_MAX_QUESTION_BYTES = 16384


class Faces:
    """What the web port shows and takes.

    Parameters
    ----------
    page : ReceiptsPage
        The receipts.
    workspace : Workspace
        Whose doses are looked at, by whose rules is answered, and of whose examinations patients are told.
    quarantine : Quarantine
        What may be tried again or let go.
    readings : Readings or None
        Takes line protocol, where the site wants it.
    can_change : bool
        Whether the page has buttons: on this machine alone.
    """

    def __init__(
        self,
        page: ReceiptsPage,
        workspace: Workspace,
        quarantine: Quarantine,
        readings: Readings | None,
        *,
        can_change: bool,
    ) -> None:
        self._page = page
        self._zone = workspace.site.zone
        self._alerts = AlertsPage(workspace)
        self._patient = PatientPage(workspace)
        self._check = CheckPage(workspace)
        self._leaflet = LeafletPage(workspace)
        self._quarantine = quarantine
        self._can_change = can_change
        self._token = secrets.token_urlsafe(24)
        self.routes = [
            Route("/", _home),
            Route("/receipts", self.receipts),
            Route("/receipts.json", self.state),
            Route("/alerts", self.alerts),
            Route("/check", self.check, methods=["GET"]),
            Route("/check", self.checked, methods=["POST"]),
            Route("/leaflet", self.leaflet, methods=["GET"]),
            Route("/leaflet", self.leaflet_page, methods=["POST"]),
            Route("/health", self.health),
        ]
        if can_change:
            self.routes += [
                Route("/quarantine/{name}/retry", self.changed(self._retry, "/receipts"), methods=["POST"]),
                Route("/quarantine/{name}/release", self.changed(self._release, "/receipts"), methods=["POST"]),
                Route("/alerts/{name}/seen", self.changed(self._see, "/alerts"), methods=["POST"]),
                Route("/patient", self.patient, methods=["GET"]),
                Route("/patient", self.patient_page, methods=["POST"]),
            ]
        if readings is not None:
            self.routes.append(Route("/write", readings.write, methods=["POST"]))

    def receipts(self, request: Request) -> Response:
        """The receipts page."""
        return self._shown(self._page.html(self._token, can_change=self._can_change))

    def state(self, request: Request) -> Response:
        """The same as data."""
        return JSONResponse(self._page.state(), headers=_HEADERS)

    def health(self, request: Request) -> Response:
        """200 while new input is taken in and all is accounted for, else 503."""
        alarms = [one["alarm"] for one in self._page.state()["alarms"]]
        return JSONResponse({"ready": not alarms, "alarms": alarms}, 503 if alarms else 200, headers=_HEADERS)

    def alerts(self, request: Request) -> Response:
        """The page of dose alerts."""
        return self._shown(self._alerts.html(self._token, can_change=self._can_change))

    def patient(self, request: Request) -> Response:
        """The form that asks for one study."""
        return self._shown(self._patient.form(self._token))

    async def patient_page(self, request: Request) -> Response:
        """The page of the study that a form of ours names."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        study, language = (form.get(name, [""])[0].strip() for name in ("study", "language"))
        page, trouble = await asyncio.to_thread(self._patient.made, study, language)
        if page is not None:
            return self._shown(page)
        return self._shown(self._patient.form(self._token, trouble), 404 if trouble == "not_found" else 422)

    def check(self, request: Request) -> Response:
        """The forms of the safety checks."""
        language = request.query_params.get("language")
        return self._shown(self._check.form(self._token, language, can_change=self._can_change))

    async def checked(self, request: Request) -> Response:
        """The answer to what a form of ours asks; what it holds is kept nowhere."""
        form = await self._form(request, _MAX_QUESTION_BYTES)
        if isinstance(form, Response):
            return form
        page, status = await asyncio.to_thread(
            self._check.answered, self._token, form, can_change=self._can_change
        )  # fmt: skip
        return self._shown(page, status)

    def leaflet(self, request: Request) -> Response:
        """The form that asks for a leaflet."""
        return self._shown(self._leaflet.form(self._token, can_change=self._can_change))

    async def leaflet_page(self, request: Request) -> Response:
        """The leaflet of the examination that a form of ours names."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        page, trouble = await asyncio.to_thread(self._leaflet.made, Fields(form, self._zone))
        if page is not None:
            return self._shown(page)
        return self._shown(self._leaflet.form(self._token, trouble, can_change=self._can_change), 422)

    def _shown(self, page: str, status: int = 200) -> Response:
        return HTMLResponse(page, status, headers=_HEADERS)

    async def _form(self, request: Request, most_bytes: int = _MAX_FORM_BYTES) -> dict[str, list[str]] | Response:
        """What a form holds, if it is one of our own page."""
        try:
            form = parse_qs((await read_body(request, most_bytes)).decode("ascii", "replace"))
        except BodyError as error:
            return PlainTextResponse("", error.status)
        shown = form.get("token", [""])[0]
        if not hmac.compare_digest(shown.encode(), self._token.encode()):
            return PlainTextResponse("open the page again\n", 403)
        return form

    def changed(self, change: Callable[[str], Awaitable[bool]], back: str) -> Callable[[Request], Awaitable[Response]]:
        """A route that changes something, for a form of our own page alone, and goes back to that page."""

        async def route(request: Request) -> Response:
            form = await self._form(request)
            if isinstance(form, Response):
                return form
            try:
                found = await change(request.path_params["name"])
            except SpoolFullError:
                return PlainTextResponse("no room\n", 507)
            except (SpoolFailedError, StoreError):
                return PlainTextResponse("", 503)
            return RedirectResponse(back, 303) if found else PlainTextResponse("it is gone\n", 404)

        return route

    async def _see(self, number: str) -> bool:
        return await asyncio.to_thread(self._alerts.see, number)

    async def _retry(self, digest: str) -> bool:
        return await self._quarantine.retry(digest)

    async def _release(self, digest: str) -> bool:
        return self._quarantine.release(digest)


def application(faces: Faces, hosts: list[str]) -> Starlette:
    """The web application; it answers only to these host names, so that no other site's page can reach it."""
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    return Starlette(routes=faces.routes, middleware=[guard])


async def _home(request: Request) -> Response:
    return RedirectResponse("/receipts", 307)
