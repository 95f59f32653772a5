"""The life of an import in `app.import`: requested, claimed, fenced, finished."""
