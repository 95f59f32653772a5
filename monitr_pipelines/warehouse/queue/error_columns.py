"""Why an import did not succeed, as its row in `app.import` records it."""

from psycopg.types.json import Jsonb

from monitr_pipelines.lifecycle.errors import ImportProblem
from monitr_pipelines.lifecycle.messages import as_json


def error_columns(problem: ImportProblem | None) -> dict[str, object]:
    """A problem as columns: its text in plain English and, to word it anew, its data; none of a success."""
    if problem is None:
        return {"error_code": None, "error_message": None, "error_fields": None, "error_detail": None}
    fields = as_json(problem.messages)
    return {
        "error_code": problem.code,
        "error_message": problem.message,
        "error_fields": Jsonb(fields) if fields is not None else None,
        "error_detail": problem.detail or None,
    }
