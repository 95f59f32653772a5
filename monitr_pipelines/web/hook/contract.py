"""What a program may send to `POST /hooks/imports` and what it is answered, as the OpenAPI document has it.

The request is read by hand, so that nothing is computed from a body before its size is known, and
nothing is parsed before its signature is verified; FastAPI cannot derive the document from that.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitr_pipelines.lifecycle.imports import ImportMode
from monitr_pipelines.web.hook import signatures
from monitr_pipelines.web.shell.answers import Refusal

ENTITY = "1042-bakkerij-peeters"
WAIT = {
    "retry-after": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}
}


class Wanted(BaseModel):
    """What a message asks for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    entity: str = Field(description="The entity's key.", pattern="^[!-~]+$", max_length=200)
    mode: Literal[ImportMode.INCREMENTAL, ImportMode.FULL] = Field(
        default=ImportMode.INCREMENTAL, description="What changed since the last import, or everything."
    )


class Accepted(BaseModel):
    """The import that was asked for; the same for each repeat of the message."""

    import_id: int = Field(serialization_alias="import")
    entity: str


def _refusal(
    description: str, *examples: tuple[str, str], headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "model": Refusal,
        "description": description,
        "headers": headers or {},
        "content": {
            "application/json": {
                "examples": {
                    code: {"value": {"error": {"code": code, "message": message}}}
                    for code, message in examples
                }
            }
        },
    }


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": f"^{signatures.SHAPES[name].pattern}$"},
        "example": example,
    }


REQUEST: dict[str, Any] = {
    "parameters": [
        _header(signatures.KEY, "The public id of the key.", "9f86d081884c7d659a2f"),
        _header(signatures.ID, "Id of the message; a repeat with it asks for nothing new.", "msg_1"),
        _header(signatures.TIMESTAMP, "When it was signed, in seconds since 1970.", "1795413600"),
        _header(
            signatures.SIGNATURE,
            "HMAC-SHA256 of `id.timestamp.body` with the key; several are separated by spaces.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": Wanted.model_json_schema(),
                "examples": {
                    "increment": {"value": {"entity": ENTITY}},
                    "everything": {"value": {"entity": ENTITY, "mode": ImportMode.FULL}},
                },
            }
        },
    },
}

UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: _refusal(
        "The database does not answer, or too much is asked for the organisation at once.",
        ("unavailable", "The database does not answer. Try again in a moment."),
        ("organisation_busy", "Too much is asked for this organisation at once."),
        headers=WAIT,
    )
}

ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "An import waits. A repeat of the message is answered the same.",
        "content": {
            "application/json": {"examples": {"accepted": {"value": {"import": 123, "entity": ENTITY}}}}
        },
    },
    400: _refusal("Not JSON.", ("malformed_json", "The body is not JSON.")),
    401: _refusal(
        "Not signed with a valid key, or not within five minutes.",
        ("signature_wrong", "No signature of the message is made with a valid key."),
        ("header_missing", "The header webhook-id is missing."),
        headers={"www-authenticate": {"schema": {"type": "string"}}},
    ),
    402: _refusal(
        "The subscription of the organisation is not active.",
        ("subscription_inactive", "The subscription of this organisation is canceled."),
    ),
    404: _refusal(
        "There is no such entity, or it is not yours.",
        ("unknown_entity", f"There is no entity '{ENTITY}'."),
    ),
    408: _refusal("The body came too slowly.", ("too_slow", "The body did not arrive within 10 s.")),
    409: _refusal(
        "The entity cannot be imported now.",
        ("already_running", "An import of this entity is running. Wait until it has ended."),
        ("reconnect_needed", "The connection no longer works. Connect again."),
        ("entity_gone", "This entity is not found. Check the administration."),
    ),
    413: _refusal("The body is too large.", ("too_large", "The body is larger than 16384 bytes.")),
    415: _refusal("Not declared as JSON.", ("not_json", "Send JSON.")),
    422: _refusal(
        "Not what is expected, or the id was used with another body.",
        ("invalid", "entity: Field required."),
        ("id_used_before", "This webhook-id was used with another body."),
    ),
    429: _refusal(
        "The last import failed within the hour, or the key asks too often.",
        ("failed_recently", "The last import failed less than an hour ago. Wait until 14:05."),
        ("too_many_requests", "Too many requests. Wait 1 s."),
        headers=WAIT,
    ),
    **UNAVAILABLE,
}
