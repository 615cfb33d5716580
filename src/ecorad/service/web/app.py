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

from ecorad.ledger.spool import SpoolFailedError, SpoolFullError
from ecorad.model import StoreError
from ecorad.service.quarantine import Quarantine

from .alerts import AlertsPage
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


class Faces:
    """What the web port shows and takes.

    Parameters
    ----------
    page : ReceiptsPage
        The receipts.
    alerts : AlertsPage
        Doses to look at.
    patient : PatientPage
        Answers with a page for one patient, on this machine alone.
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
        alerts: AlertsPage,
        patient: PatientPage,
        quarantine: Quarantine,
        readings: Readings | None,
        *,
        can_change: bool,
    ) -> None:
        self._page = page
        self._alerts = alerts
        self._patient = patient
        self._quarantine = quarantine
        self._can_change = can_change
        self._token = secrets.token_urlsafe(24)
        self.routes = [
            Route("/", _home),
            Route("/receipts", self.receipts),
            Route("/receipts.json", self.state),
            Route("/alerts", self.alerts),
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
        return HTMLResponse(self._page.html(self._token, can_change=self._can_change), headers=_HEADERS)

    def state(self, request: Request) -> Response:
        """The same as data."""
        return JSONResponse(self._page.state(), headers=_HEADERS)

    def health(self, request: Request) -> Response:
        """200 while new input is taken in and all is accounted for, else 503."""
        alarms = [one["alarm"] for one in self._page.state()["alarms"]]
        return JSONResponse({"ready": not alarms, "alarms": alarms}, 503 if alarms else 200, headers=_HEADERS)

    def alerts(self, request: Request) -> Response:
        """The page of dose alerts."""
        return HTMLResponse(self._alerts.html(self._token, can_change=self._can_change), headers=_HEADERS)

    def patient(self, request: Request) -> Response:
        """The form that asks for one study."""
        return HTMLResponse(self._patient.form(self._token), headers=_HEADERS)

    async def patient_page(self, request: Request) -> Response:
        """The page of the study that a form of ours names."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        study, language = (form.get(name, [""])[0].strip() for name in ("study", "language"))
        page, trouble = await asyncio.to_thread(self._patient.made, study, language)
        if page is not None:
            return HTMLResponse(page, headers=_HEADERS)
        status = 404 if trouble == "not_found" else 422
        return HTMLResponse(self._patient.form(self._token, trouble), status, headers=_HEADERS)

    async def _form(self, request: Request) -> dict[str, list[str]] | Response:
        """What a form holds, if it is one of our own page."""
        try:
            form = parse_qs((await read_body(request, _MAX_FORM_BYTES)).decode("ascii", "replace"))
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
