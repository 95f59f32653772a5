"""The answers of these routes in the OpenAPI document: an example of each.

FastAPI leaves out of its document what is null, so no example has such a value.
"""

from typing import Any

from monitr_pipelines.web.shell.problems import MEDIA_TYPE, Problem, problem_of

ENTITY = "1042-bakkerij-peeters"
HEAD: dict[str, Any] = {
    "entity": {"key": ENTITY, "name": "Bakkerij Peeters", "currency": "EUR"},
    "figures": {
        "import": 4711,
        "published_at": "2026-04-02T02:14:09Z",
        "structure": "be_nbb",
        "newer_lines": False,
        "books": {"from": "2024-01", "to": "2026-03"},
    },
    "period": {"from": "2026-02", "to": "2026-03"},
    "clipped": False,
}
FIGURES = [
    {"amount": "12200.00", "year_before": "11200.00"},
    {"amount": "12300.00", "year_before": "11300.00"},
]
STATEMENT: dict[str, Any] = {
    **HEAD,
    "by": "month",
    "columns": [
        {
            "from": f"2026-{month}",
            "to": f"2026-{month}",
            "before": {"from": f"2025-{month}", "to": f"2025-{month}"},
        }
        for month in ("02", "03")
    ],
    "lines": [
        {
            "line": "9904",
            "parent": "9905",
            "level": 1,
            "role": "net_result",
            "name": "Profit (loss) of the period",
            "figures": FIGURES,
            "total": {"amount": "24500.00", "year_before": "22500.00"},
        }
    ],
}
SUMS = {
    "opening": "-10000.00",
    "debit": "0.00",
    "credit": "24500.00",
    "closing": "-34500.00",
    "after_closing": "-34500.00",
}
TRIAL_BALANCE: dict[str, Any] = {
    **HEAD,
    "accounts": [{**SUMS, "account": "700000", "name": "Sales"}],
    "totals": dict.fromkeys(SUMS, "0.00") | {"debit": "98000.00", "credit": "98000.00"},
}
TRANSACTIONS: dict[str, Any] = {
    **HEAD,
    "account": {
        "account": "700000",
        "name": "Sales",
        "opening": "-10000.00",
        "debit": "0.00",
        "credit": "24500.00",
        "closing": "-34500.00",
        "lines": 2,
    },
    "transactions": [
        {
            "id": "C202602.1",
            "date": "2026-02-28",
            "amount": "12200.00",
            "booking": "C202602",
            "line_number": "1",
            "journal": "DIV",
            "document_number": "2026-017",
            "relation": "Garage Janssens",
            "description": "Closing of a short year",
            "foreign_amount": "13200.00",
            "foreign_currency": "USD",
            "axes": {"cost centre": "10"},
            "role": "balance closing",
            "reported": True,
        }
    ],
    "next": f"/api/reports/{ENTITY}/transactions?account=700000&from=2026-02&after=2026-02-28%2FC202602.1",
}
ENTITIES: dict[str, Any] = {
    "entities": [
        {"key": ENTITY, "name": "Bakkerij Peeters", "currency": "EUR", "books": HEAD["figures"]["books"]},
    ],
    "next": f"/api/reports?after={ENTITY}",
}

HEADERS: dict[str, Any] = {
    "etag": {
        "description": "Of the import that published the figures; send it in if-none-match.",
        "schema": {"type": "string"},
    },
    "cache-control": {"schema": {"type": "string"}},
}
WAIT = {
    "retry-after": {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}
}


def answers_of(example: dict[str, Any], *problems: int) -> dict[int | str, dict[str, Any]]:
    """What a route answers: figures as in an example, 304, and refusals."""
    return {
        200: {
            "description": "The figures.",
            "headers": HEADERS,
            "content": {"application/json": {"examples": {"figures": {"value": example}}}},
        },
        304: {"description": "As it was: if-none-match names its etag.", "headers": HEADERS},
        **{status: PROBLEMS[status] for status in (401, *problems, 422, 503)},
    }


def _problem(
    status: int, description: str, *examples: tuple[str, str], headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "description": description,
        "headers": headers or {},
        "content": {
            MEDIA_TYPE: {
                "schema": Problem.model_json_schema(),
                "examples": {
                    code: {"value": problem_of(status, code, detail).model_dump()}
                    for code, detail in examples
                },
            }
        },
    }


PROBLEMS = {
    401: _problem(
        401,
        "No token, or none that is valid.",
        ("token_missing", "Send the header authorization: Bearer TOKEN."),
        ("token_wrong", "This is no valid token."),
        headers={"www-authenticate": {"schema": {"type": "string"}}},
    ),
    404: _problem(
        404,
        "There is no such entity, account or axis, it is not yours, or there are no figures of these months.",
        ("unknown_entity", f"There is no entity '{ENTITY}'."),
        ("unknown_account", f"The books of {ENTITY} have no account '7'."),
        ("unknown_axis", f"No figures of {ENTITY} have a value of the axis 'cost'; axes are: none."),
        ("no_figures", f"{ENTITY} has no figures yet: none of its imports has published any."),
        ("outside_books", f"The books of {ENTITY} run from 2024-01 to 2026-03: ..."),
    ),
    422: _problem(
        422,
        "A parameter is wrong.",
        ("invalid", "by: Input should be 'month', 'quarter', 'year-to-date' or 'fiscal-year'."),
        ("wrong_period", "The period ends (2026-01) before it starts (2026-03)."),
        ("too_many_columns", "That is 120 columns, of 60 at the most: ask for fewer months, or by quarter."),
    ),
    503: _problem(
        503,
        "The database does not answer, or too much is asked for the organisation at once.",
        ("unavailable", "The database does not answer. Try again in a moment."),
        ("organisation_busy", "Too much is asked for this organisation at once."),
        headers=WAIT,
    ),
}
