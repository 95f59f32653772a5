"""Who is signed in on a browser: a random cookie, of which the database knows the SHA-256 alone.

Forms carry a token that is derived from the cookie: a page of another site can send a form, but it
cannot know the token.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.roles import Role
from monitr_pipelines.warehouse.registry import access_tokens
from monitr_pipelines.warehouse.server import tenancy

SESSION_COOKIE = "monitr_session"
# Holds the secret of the sign-in form, for whom there is no session yet.
SIGN_IN_COOKIE = "monitr_sign_in"
SESSION_LIFE = timedelta(hours=12)
SIGN_IN_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Session:
    """A live session: the secret of its cookie, and who it is."""

    secret: str
    organisation_id: int
    organisation: str
    person: str
    role: Role


def start(token: str) -> str | None:
    """Begin a session with a token or a one-time link; its secret, or None where that is not valid."""
    with tenancy.as_nobody() as connection:
        access = connection.execute(
            "select id, organisation_id from app.use_access_token(%s)", [access_tokens.digest(token)]
        ).fetchone()
    if access is None:
        return None
    secret = secrets.token_urlsafe(32)
    with tenancy.as_tenant(access["organisation_id"]) as connection:
        connection.execute("delete from app.web_session where expires_at < clock_timestamp()")
        connection.execute(
            """
            insert into app.web_session (session_hash, organisation_id, access_token_id, expires_at)
            values (%s, %s, %s, clock_timestamp() + %s)
            """,
            [access_tokens.digest(secret), access["organisation_id"], access["id"], SESSION_LIFE],
        )
    return secret


def find(secret: str | None) -> Session | None:
    """The live session of a cookie; None when it ended, or its token was revoked."""
    if not secret:
        return None
    with tenancy.as_nobody() as connection:
        found = connection.execute(
            "select organisation_id, person, role from app.find_web_session(%s)",
            [access_tokens.digest(secret)],
        ).fetchone()
        if found is None:
            return None
        # Not `as_tenant`: who comes to stand in line takes nothing of what the organisation may ask at once.
        tenancy.enter(connection, found["organisation_id"])
        organisation = connection.execute("select name from app.organisation").fetchone()
    name = organisation["name"] if organisation else ""
    return Session(secret, found["organisation_id"], name, found["person"], Role(found["role"]))


def end(session: Session) -> None:
    """Sign out: the cookie is worth nothing from now on."""
    with tenancy.as_tenant(session.organisation_id) as connection:
        connection.execute(
            "delete from app.web_session where session_hash = %s", [access_tokens.digest(session.secret)]
        )


def secret_of(request: Request) -> str | None:
    """The secret in the session cookie of a browser."""
    return request.cookies.get(SESSION_COOKIE)


def form_token(secret: str) -> str:
    """What forms carry to show that they were made for the holder of the secret."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def same_token(expected: str, given: str) -> bool:
    """Compare form tokens in constant time; what was given may be any text."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def set_cookie(response: Response, name: str, value: str, life: timedelta) -> None:
    """A cookie that scripts cannot read and other sites cannot post with."""
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.public_url().startswith("https:"),
    )
