"""`POST /hooks/imports`: a program asks for an import of one entity, in a signed message."""

import asyncio
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from monitr_pipelines.lifecycle.imports import Trigger
from monitr_pipelines.warehouse.queue import requests
from monitr_pipelines.warehouse.registry import hook_keys
from monitr_pipelines.warehouse.server import tenancy
from monitr_pipelines.web.hook import idempotency, signatures
from monitr_pipelines.web.hook.contract import ANSWERS, REQUEST, Accepted, Wanted
from monitr_pipelines.web.hook.rate_limit import RateLimit
from monitr_pipelines.web.shell.rejected import Rejected

LARGEST_BODY = 16 * 1024
# Read and thrown away, so that the sender of a larger body hears why it is refused.
LARGEST_DISCARDED = 16 * 1024 * 1024
BODY_SECONDS = 10

router = APIRouter(tags=["web hook"])


@router.post(
    "/hooks/imports",
    status_code=202,
    summary="Request an import of one entity",
    responses=ANSWERS,
    openapi_extra=REQUEST,
)
async def request_import(request: Request) -> Accepted:
    """Ask for an import. It waits until it is launched, or joins one that waits already."""
    _require_json(request)
    body = await _body_of(request)
    state = request.app.state
    message = signatures.message_of(request.headers.items(), body)
    signatures.require_fresh(message, state.clock())
    signer = await run_in_threadpool(_signer_of, message)
    _require_patience(signer, state.rate_limit)
    wanted = _wanted(body)
    async with state.shares.place(signer.organisation_id):
        import_id = await run_in_threadpool(_accept, signer, message, wanted, body, state.clock())
    return Accepted(import_id=import_id, entity=wanted.entity)


def _accept(
    signer: hook_keys.Signer, message: signatures.Message, wanted: Wanted, body: bytes, now: datetime
) -> int:
    with tenancy.as_tenant(signer.organisation_id) as connection:
        return idempotency.once(
            connection,
            signer.organisation_id,
            message.id,
            body,
            lambda: requests.request(
                connection,
                wanted.entity,
                trigger=Trigger.HOOK,
                requested_by=f"web hook, key {signer.id}",
                mode=wanted.mode,
                now=now,
            ),
        )


def _signer_of(message: signatures.Message) -> hook_keys.Signer:
    with tenancy.as_nobody() as connection:
        signer = hook_keys.find(connection, message.key_id)
    if signer is None or not signatures.is_signed_with(message, signer.key):
        # The same for a key that is unknown, a key that was revoked and a signature that is wrong.
        raise Rejected(401, "signature_wrong", "No signature of the message is made with a valid key.")
    return signer


def _require_patience(signer: hook_keys.Signer, limit: RateLimit) -> None:
    wait = limit.wait(signer.id)
    if wait:
        raise Rejected(429, "too_many_requests", f"Too many requests. Wait {wait} s.", retry_after=wait)


def _wanted(body: bytes) -> Wanted:
    try:
        return Wanted.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if found["type"] == "json_invalid":
        raise Rejected(400, "malformed_json", "The body is not JSON.")
    place = ".".join(str(step) for step in found["loc"])
    raise Rejected(422, "invalid", f"{place or 'The body'}: {found['msg']}.")


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Rejected(415, "not_json", "Send JSON, with the header content-type: application/json.")


async def _body_of(request: Request) -> bytes:
    """The whole body, before anything is computed from it."""
    kept, size = bytearray(), 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= LARGEST_BODY:
                    kept += chunk
                elif size > LARGEST_DISCARDED:
                    break
    except TimeoutError:
        raise Rejected(408, "too_slow", f"The body did not arrive within {BODY_SECONDS} s.") from None
    if size > LARGEST_BODY:
        raise Rejected(413, "too_large", f"The body is larger than {LARGEST_BODY} bytes.")
    return bytes(kept)
