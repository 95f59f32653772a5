"""The form of a software: its fields, "Test connection", and keeping what was tested.

What was tested waits encrypted for the button that keeps it, so that no secret is ever in a page.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from monitr_pipelines import providers
from monitr_pipelines.importing import connecting, offered
from monitr_pipelines.importing.connecting import Accepted
from monitr_pipelines.providers.addresses import this_machine_allowed
from monitr_pipelines.providers.contract import CredentialField, Provider
from monitr_pipelines.warehouse.registry import pending
from monitr_pipelines.warehouse.registry.pending import Pending
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.integrations.trying import Problem, ask
from monitr_pipelines.web.integrations.visits import (
    LARGEST_ID,
    Posted,
    SignedIn,
    find_connection,
    find_provider,
)
from monitr_pipelines.web.shell import i18n
from monitr_pipelines.web.shell.addresses import INTEGRATIONS
from monitr_pipelines.web.shell.forms import go
from monitr_pipelines.web.shell.page_route import PageRoute
from monitr_pipelines.web.shell.render import render
from monitr_pipelines.web.shell.visitor import TO_ADMINISTER, Visitor

LONGEST_VALUE = 4000
MOST_SHOWN = 10

router = APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[TO_ADMINISTER])
Number = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.get(f"{INTEGRATIONS}/connect/{{provider}}")
def form(request: Request, visitor: SignedIn, provider: str, connection: Number = None) -> Response:
    """What connecting asks for; `connection` is the one that is connected again."""
    software = find_provider(provider)
    return show_form(request, visitor, software, _known(visitor, software, connection))


@router.get(f"{INTEGRATIONS}/{{number}}/reconnect")
def reconnect(visitor: SignedIn, number: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> Response:
    """Where a connection is connected again."""
    known = find_connection(visitor, number)
    return go(f"{INTEGRATIONS}/connect/{known['provider']}?connection={number}")


@router.post(f"{INTEGRATIONS}/connect/{{provider}}/test")
def test(request: Request, visitor: SignedIn, provider: str, fields: Posted) -> Response:
    """Ask the software whether it accepts what was given; what it accepts can be kept then."""
    software = find_provider(provider)
    if software.sign_in is not None:
        raise HTTPException(404)
    known = _known(visitor, software, number_in(fields))
    given = given_in(software, fields)
    found = ask(lambda: connecting.try_out(provider, given))
    if isinstance(found, Problem):
        return show_form(request, visitor, software, known, problem=found, given=given, status_code=422)
    content = Pending(provider, known["id"] if known else None, {**given, **found.credentials})
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        word = pending.keep(connection, visitor.organisation_id, visitor.session, content)
    return render(
        request,
        visitor,
        "integrations_tested.html",
        here=f"{INTEGRATIONS}/connect/{provider}",
        software=software,
        connection=known,
        label=connecting.label_of(provider, given),
        names=[each.name for each in found.administrations][:MOST_SHOWN],
        count=len(found.administrations),
        word=word,
    )


@router.post(f"{INTEGRATIONS}/keep")
def keep(request: Request, visitor: SignedIn, fields: Posted) -> Response:
    """Keep what was tested a moment ago: it is asked once more, for what it sees is kept with it."""
    with tenancy.as_tenant(visitor.organisation_id) as connection:
        taken = pending.take(connection, visitor.session, fields.get("word", ""))
    if taken is None or taken.verifier or taken.provider not in providers.connectors():
        return go(f"{INTEGRATIONS}/callback?error=over")
    software = find_provider(taken.provider)
    known = _known(visitor, software, taken.connection_id)
    found = ask(lambda: connecting.accepted(taken.provider, taken.values))
    if not isinstance(found, Problem):
        kept = keep_found(visitor, found, taken, known)
        if not isinstance(kept, Problem):
            return kept
        found = kept
    return show_form(request, visitor, software, known, problem=found, status_code=422)


def keep_found(
    visitor: Visitor, found: Accepted, taken: Pending, known: Mapping[str, Any] | None
) -> Response | Problem:
    """Keep credentials that the software accepts, and go where there is something to do next."""
    label = connecting.label_of(taken.provider, found.credentials)

    def write() -> int:
        with tenancy.as_tenant(visitor.organisation_id) as connection:
            if known is None:
                owner = str(visitor.organisation_id)
                return connecting.keep(connection, owner, found, label=label, person=visitor.person)
            connecting.keep_again(connection, known["id"], found, label=label, person=visitor.person)
            return int(known["id"])

    kept = ask(write)
    if isinstance(kept, Problem):
        return kept
    return go(f"{INTEGRATIONS}?done=reconnected" if known else f"{INTEGRATIONS}/{kept}/administrations?new=1")


def show_form(
    request: Request,
    visitor: Visitor,
    software: Provider,
    known: Mapping[str, Any] | None,
    *,
    problem: Problem | None = None,
    given: Mapping[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    """The form; what was given is shown again, secrets are not."""
    language, values = visitor.language, given or {}
    suffix = f"?connection={known['id']}" if known else ""
    return render(
        request,
        visitor,
        "integrations_form.html",
        status_code,
        software=software,
        obstacle=offered.obstacle(software),
        # Not the address of this request: it may hold a code.
        here=f"{INTEGRATIONS}/connect/{software.name}{suffix}",
        connection=known,
        problem=problem,
        fields=[
            {
                "name": each.name,
                "secret": each.secret,
                "optional": each.optional,
                "choices": [(value, _choice(language, software, each, value)) for value in each.choices],
                "value": "" if each.secret else values.get(each.name, ""),
                "title": _title(language, software, each),
                "translated": _title_key(software, each) is not None,
            }
            for each in software.fields
            if not each.returned and (not each.to_try or this_machine_allowed())
        ],
    )


def given_in(software: Provider, fields: Mapping[str, str]) -> dict[str, str]:
    """What a form gives for the fields of a software, without the blanks around it."""
    given = {each.name: fields.get(f"field.{each.name}", "").strip() for each in software.fields}
    if any(len(value) > LONGEST_VALUE for value in given.values()):
        raise HTTPException(413)
    return {name: value for name, value in given.items() if value}


def number_in(fields: Mapping[str, str]) -> int | None:
    """The connection that a form is about; None for a new one, 404 for what is no number."""
    number = fields.get("connection", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= LARGEST_ID):
        raise HTTPException(404)
    return int(number)


def _known(visitor: Visitor, software: Provider, number: int | None) -> Mapping[str, Any] | None:
    """The connection that is connected again; 404 where it is of someone else or to another software."""
    if number is None:
        return None
    known = find_connection(visitor, number)
    if known["provider"] != software.name:
        raise HTTPException(404)
    return known


def _title(language: str, software: Provider, asked: CredentialField) -> str:
    key = _title_key(software, asked)
    return i18n.text(language, key) if key else asked.title


def _choice(language: str, software: Provider, asked: CredentialField, value: str) -> str:
    key = f"integrations.choice_of.{software.name}_{asked.name}_{value}"
    return i18n.text(language, key) if i18n.has_text(key) else value


def _title_key(software: Provider, asked: CredentialField) -> str | None:
    """The text of a field: of its software, or of all that ask for the same; None where there is none."""
    keys = (f"integrations.field.{software.name}_{asked.name}", f"integrations.field.{asked.name}")
    return next(filter(i18n.has_text, keys), None)
