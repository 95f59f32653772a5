"""The person who looks at a page, and the checks that every page begins with."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.web.shell import addresses, sessions
from monitr_pipelines.web.shell.i18n import language_of


class NotAllowed(HTTPException):
    """The visitor's role is not enough: 403."""

    told = "problem.role"

    def __init__(self) -> None:
        super().__init__(403)


@dataclass(frozen=True)
class Visitor:
    """Someone signed in; `csrf` is what their forms carry, `session` the secret of their cookie."""

    organisation_id: int
    organisation: str
    person: str
    role: Role
    csrf: str
    session: str = field(repr=False)
    language: str

    def may(self, role: str) -> bool:
        """Whether the visitor may do what a role is needed for; pages leave out what they may not."""
        return self.role.may(Role(role))


def signed_in(request: Request) -> Visitor:
    """The visitor of a request; whoever is not signed in is sent to the sign-in page."""
    session = sessions.find(sessions.secret_of(request))
    if session is None:
        raise HTTPException(303, headers={"location": _way_in(request)})
    return Visitor(
        session.organisation_id,
        session.organisation,
        session.person,
        session.role,
        sessions.form_token(session.secret),
        session.secret,
        language_of(request),
    )


def _way_in(request: Request) -> str:
    """The sign-in page, from where a person comes back to the page that was asked for."""
    if "text/html" not in request.headers.get("accept", ""):
        return addresses.SIGN_IN
    if request.method != "GET":
        return addresses.sign_in(unsent=1)
    # What the sign-in page of a software sent along is good for its session alone, and is written nowhere.
    came_from_software = "code" in request.query_params
    return addresses.sign_in(back=addresses.INTEGRATIONS if came_from_software else addresses.here(request))


@dataclass(frozen=True)
class Needs:
    """A route's dependency: the visitor, who has this role or one that may more; for others 403."""

    role: Role

    def __call__(self, visitor: Annotated[Visitor, Depends(signed_in)]) -> Visitor:
        """The visitor of a request."""
        if not visitor.role.may(self.role):
            raise NotAllowed
        return visitor


TO_IMPORT = Depends(Needs(Role.IMPORTER))
TO_EDIT = Depends(Needs(Role.EDITOR))
TO_ADMINISTER = Depends(Needs(Role.ADMINISTRATOR))


def csrf_checked(request: Request, visitor: Visitor, token: str) -> None:
    """Refuse a form that no page of ours made for this visitor: 403."""
    from_elsewhere = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if from_elsewhere or not sessions.same_token(visitor.csrf, token):
        raise HTTPException(403)
