"""Signing in with a token or a one-time link, signing out, choosing a language."""

import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from monitr_pipelines.web.shell import sessions
from monitr_pipelines.web.shell.addresses import ENTITIES, local
from monitr_pipelines.web.shell.headers import PAGE_HEADERS
from monitr_pipelines.web.shell.i18n import LANGUAGE_COOKIE, LANGUAGES
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import Visitor, csrf_checked, signed_in

LANGUAGE_LIFE = timedelta(days=365)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/sign-in")
def ask_for_token(request: Request) -> Response:
    """The form that takes a token."""
    return _form(request, link=None, refused=False)


@router.post("/sign-in")
def sign_in(
    request: Request, csrf: Annotated[str, Form()], token: Annotated[str, Form()], back: str = ENTITIES
) -> Response:
    """Begin a session with a token, and go on to the page that was asked for before."""
    return _begin(request, csrf, token.strip(), link=None, back=back)


@router.get("/sign-in/{link}")
def ask_before_using_link(request: Request, link: str) -> Response:
    """A button: whoever previews the link in a mail must not spend it."""
    return _form(request, link=link, refused=False)


@router.post("/sign-in/{link}")
def sign_in_by_link(request: Request, link: str, csrf: Annotated[str, Form()]) -> Response:
    """Begin a session with a link, which is worth nothing afterwards."""
    return _begin(request, csrf, link, link=link)


@router.post("/sign-out")
def sign_out(
    request: Request, visitor: Annotated[Visitor, Depends(signed_in)], csrf: Annotated[str, Form()]
) -> Response:
    """End the session."""
    csrf_checked(request, visitor, csrf)
    session = sessions.find(sessions.secret_of(request))
    if session is not None:
        sessions.end(session)
    response = RedirectResponse("/sign-in", 303, dict(PAGE_HEADERS))
    response.delete_cookie(sessions.SESSION_COOKIE, path="/")
    return response


@router.get("/language/{language}")
def choose_language(language: str, back: str = ENTITIES) -> Response:
    """Keep the language that a reader chose, and go back to the page."""
    if language not in LANGUAGES:
        raise HTTPException(404)
    response = RedirectResponse(local(back), 303, dict(PAGE_HEADERS))
    sessions.set_cookie(response, LANGUAGE_COOKIE, language, LANGUAGE_LIFE)
    return response


def _form(request: Request, link: str | None, *, refused: bool) -> Response:
    # Before there is a session, a cookie of its own keeps other sites from signing someone in here.
    secret = request.cookies.get(sessions.SIGN_IN_COOKIE) or secrets.token_urlsafe(32)
    response = render(
        request,
        None,
        "sign_in.html",
        401 if refused else 200,
        link=link,
        refused=refused,
        unsent="unsent" in request.query_params,
        csrf=sessions.form_token(secret),
    )
    sessions.set_cookie(response, sessions.SIGN_IN_COOKIE, secret, sessions.SIGN_IN_LIFE)
    return response


def _begin(request: Request, csrf: str, token: str, link: str | None, back: str = ENTITIES) -> Response:
    secret = request.cookies.get(sessions.SIGN_IN_COOKIE)
    if not secret or not sessions.same_token(sessions.form_token(secret), csrf):
        raise HTTPException(403)
    session = sessions.start(token)
    if session is None:
        return _form(request, link, refused=True)
    response = RedirectResponse(local(back), 303, dict(PAGE_HEADERS))
    sessions.set_cookie(response, sessions.SESSION_COOKIE, session, sessions.SESSION_LIFE)
    response.delete_cookie(sessions.SIGN_IN_COOKIE, path="/")
    return response
