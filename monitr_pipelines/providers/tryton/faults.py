"""What Tryton's answers mean where they are not what was asked for."""

from monitr_pipelines.lifecycle.errors import InconsistentData, OurFault
from monitr_pipelines.lifecycle.messages import Message

TITLE = "Tryton"


def contradiction(detail: str) -> InconsistentData:
    """Answers that cannot all be true; `detail` is for operations and quotes nothing."""
    return InconsistentData(Message("answer_contradicts", {"title": TITLE}), detail=detail)


def unknown_answer(detail: str) -> OurFault:
    """An answer in a form that nobody has seen; never an empty one."""
    return OurFault(Message("answer_unknown", {"title": TITLE}), detail=detail)
