"""What a model of Odoo is: fields over rows of the shared books, and who may see which."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitr_pipelines.emulators.odoo.errors import AccessError
from monitr_pipelines.emulators.odoo.wire import Raw
from monitr_pipelines.emulators.shared.books import Placed, SharedBooks

Row = Raw


@dataclass
class User:
    """Who signs in. `rights` is `reader`, as the group "Read-only" of Accounting, or `accountant`."""

    id: int
    login: str
    password: str = field(repr=False)
    key: str = field(repr=False)
    companies: tuple[int, ...]
    company: int
    rights: str = "reader"


@dataclass
class State:
    """An emulated database: the books, its version, who may sign in, and which lines a record rule hides."""

    books: SharedBooks
    version: int
    database: str
    user: User
    hidden: Callable[[Placed], bool] = lambda _: False
    models: dict[str, "Model"] = field(default_factory=dict)
    # Which accounts are shown as the record of another, and the ids of analytic lines.
    owners: dict[int, int] = field(default_factory=dict)
    numbering: Raw = None

    def user_companies(self) -> tuple[int, ...]:
        """The companies of the user that are still hers."""
        return tuple(each for each in self.user.companies if self.books.companies[each].reachable)


@dataclass(frozen=True)
class Env:
    """One call: who asks, with which context, for which companies (the first one is the current one)."""

    state: State
    context: Mapping[str, Raw]
    companies: tuple[int, ...]
    company: int

    @property
    def books(self) -> SharedBooks:
        """The shared books."""
        return self.state.books

    @property
    def version(self) -> int:
        """The series, such as 18."""
        return self.state.version


def environment(state: State, context: Mapping[str, Raw]) -> Env:
    """The environment of a call.

    Raises:
        AccessError: The context names companies that the user may not use.
    """
    mine = state.user_companies()
    asked = tuple(context.get("allowed_company_ids") or ())
    if set(asked) - set(mine):
        raise AccessError("Access to unauthorized or invalid companies.")
    return Env(state, context, asked or mine, asked[0] if asked else state.user.company)


@dataclass(frozen=True)
class Field:
    """A field of a model.

    Args:
        kind: Its type, as `fields_get` tells it.
        get: Its value of a row, as `Raw`.
        label: As people see it.
        relation: The model that ids of it belong to.
        stored: Whether it can be ordered by.
        selection: Values and their labels.
    """

    kind: str
    get: Callable[[Env, Row], Raw]
    label: str
    relation: str = ""
    stored: bool = True
    selection: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Model:
    """A model.

    Args:
        name: Such as `account.move.line`.
        title: As access errors name it.
        fields: By name.
        order: The order where none is asked for.
        rows: All rows with higher ids than one, by id.
        row: The row of an id, None where there is none.
        visible: Whether record rules show a row.
        display: The display name of a row.
        readers: Whose rights are enough to read it.
        writable: What an accountant may write, by field.
        methods: Others than the ORM's own, by name.
    """

    name: str
    title: str
    fields: Mapping[str, Field]
    order: str
    rows: Callable[[Env, int], Iterator[Row]]
    row: Callable[[Env, int], Row]
    visible: Callable[[Env, Row], bool]
    display: Callable[[Env, Row], str]
    readers: Sequence[str] = ("reader", "accountant")
    writable: Mapping[str, Callable[[Env, Row, Raw], None]] = field(default_factory=dict)
    methods: Mapping[str, Callable[..., Raw]] = field(default_factory=dict)

    def check(self, env: Env, operation: str) -> None:
        """Whether the user may do it at all.

        Raises:
            AccessError: She may not.
        """
        rights = env.state.user.rights
        allowed = rights in self.readers if operation == "read" else rights == "accountant"
        if not allowed:
            word = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}[operation]
            raise AccessError(f"You are not allowed to {word} '{self.title}' ({self.name}) records.")
