"""The person who looks at a page, and the two checks that every page begins with."""

from dataclasses import dataclass

from fastapi import HTTPException, Request

from monitr_pipelines.web.shell import sessions
from monitr_pipelines.web.shell.i18n import language_of


@dataclass(frozen=True)
class Visitor:
    """Someone signed in; `csrf` is what their forms carry."""

    organisation_id: int
    organisation: str
    person: str
    csrf: str
    language: str


def signed_in(request: Request) -> Visitor:
    """The visitor of a request; whoever is not signed in is sent to the sign-in page."""
    session = sessions.find(sessions.secret_of(request))
    if session is None:
        raise HTTPException(303, headers={"location": "/sign-in"})
    return Visitor(
        session.organisation_id,
        session.organisation,
        session.person,
        sessions.form_token(session.secret),
        language_of(request),
    )


def csrf_checked(request: Request, visitor: Visitor, token: str) -> None:
    """Refuse a form that no page of ours made for this visitor: 403."""
    from_elsewhere = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if from_elsewhere or not sessions.same_token(visitor.csrf, token):
        raise HTTPException(403)
