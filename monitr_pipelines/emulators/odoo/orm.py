"""What every model can be asked: search, read, count, fields, and what an accountant may change."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from monitr_pipelines.emulators.odoo.domains import compiled, span_of
from monitr_pipelines.emulators.odoo.errors import AccessError, BadValue, MissingError, UserError
from monitr_pipelines.emulators.odoo.models import Env, Field, Model, Row
from monitr_pipelines.emulators.odoo.wire import Plain, Raw, plain

CLASSIC = "_classic_read"
TERM = re.compile(r"\s*([a-z0-9_.]+)(?:\s+(asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*", re.IGNORECASE)
DESCRIBED = ("type", "string", "store", "searchable", "sortable", "readonly", "required", "name")
DESCRIBED_WHERE_THERE = ("relation", "selection")


class OrderTerm(NamedTuple):
    """A field to order by."""

    field: Field
    name: str
    descending: bool


@dataclass(frozen=True)
class Records:
    """A model in an environment, with the methods that clients may call."""

    env: Env
    model: Model

    def search(
        self, domain: Raw, offset: int = 0, limit: int | None = None, order: str | None = None
    ) -> list[int]:
        """The ids that match, in order."""
        return [self._id(row) for row in self.matching(domain, offset, limit, order)]

    def search_count(self, domain: Raw, limit: int | None = None) -> int:
        """How many match."""
        self.model.check(self.env, "read")
        rows = self.filtered(domain)
        return sum(1 for _ in (islice(rows, limit) if limit else rows))

    def search_read(  # noqa: PLR0917 - as clients give them
        self,
        domain: Raw = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
        load: str | None = CLASSIC,
    ) -> list[dict[str, Plain]]:
        """Search, and read what is found."""
        chosen = self._chosen(fields)
        rows = self.matching(domain or [], offset, limit, order)
        return self._formatted(rows, chosen, load)

    def read(
        self, ids: Sequence[int], fields: Sequence[str] | None = None, load: str | None = CLASSIC
    ) -> list[dict[str, Plain]]:
        """The records of some ids; those that are not there are left out."""
        self.model.check(self.env, "read")
        chosen = self._chosen(fields)
        return self._formatted(self.browse(ids), chosen, load)

    def fields_get(
        self, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> dict[str, dict[str, Plain]]:
        """What fields there are."""
        names = [name for name in self.model.fields if not allfields or name in allfields]
        return {name: self._described(name, attributes) for name in names}

    def name_search(
        self, name: str = "", domain: Raw = None, operator: str = "ilike", limit: int = 100
    ) -> list[list[Plain]]:
        """Ids and names of what is called so."""
        rows = self.matching([*(domain or []), ["display_name", operator, name]], 0, limit, None)
        return [[self._id(row), self.model.display(self.env, row)] for row in rows]

    def write(self, ids: Sequence[int], vals: dict[str, Raw]) -> bool:
        """Change records, as far as an accountant can here."""
        self.model.check(self.env, "write")
        for name in vals:
            self._field(name)
            if name not in self.model.writable:
                raise UserError(f"You cannot modify the following fields: {name}.")
        for number in ids:
            for name, value in vals.items():
                (row,) = self._existing([number])
                self.model.writable[name](self.env, row, value)
        return True

    def create(self, vals_list: Raw) -> Plain:  # noqa: ARG002 - as clients name it
        """Refused: emulated books are written by tests.

        Raises:
            AccessError: Always.
        """
        self.model.check(self.env, "create")
        raise AccessError(f"You are not allowed to create '{self.model.title}' ({self.model.name}) records.")

    def unlink(self, ids: Sequence[int]) -> bool:
        """Delete records, where the model allows it.

        Raises:
            MissingError: One of them is not there.
        """
        self.model.check(self.env, "unlink")
        rows = self._existing(ids)
        if "unlink" not in self.model.methods:
            raise UserError("The operation cannot be completed: another model requires the record.")
        return bool(self.model.methods["unlink"](self.env, rows))

    def call(self, name: str, ids: Sequence[int]) -> Plain:
        """A method of the model's own."""
        self.model.check(self.env, "write")
        return self.model.methods[name](self.env, self._existing(ids))

    def matching(
        self, domain: Raw, offset: int = 0, limit: int | None = None, order: str | None = None
    ) -> list[Row]:
        """The rows that match, in order."""
        self.model.check(self.env, "read")
        terms = self._terms(order or self.model.order)
        rows = self.filtered(domain)
        end = offset + limit if limit else None
        if [(term.name, term.descending) for term in terms] == [("id", False)]:
            return list(islice(rows, offset, end))
        found = list(rows)
        for term in reversed(terms):
            found.sort(key=self._key(term.field), reverse=term.descending)
        return found[offset:end]

    def filtered(self, domain: Raw) -> Iterator[Row]:
        """The rows that match and that rules show, by id."""
        if "active" in self.model.fields and self.env.context.get("active_test", True):
            named = any(isinstance(item, list | tuple) and item and item[0] == "active" for item in domain)
            domain = domain if named else [["active", "=", True], *domain]
        test = compiled(self.env, self.model, domain)
        span = span_of(domain)
        if span.ids is not None:
            wanted = sorted(each for each in span.ids if isinstance(each, int))
            rows = iter([row for each in wanted if (row := self.model.row(self.env, each)) is not None])
        else:
            rows = self.model.rows(self.env, max(span.after, 0))
        for row in rows:
            if span.last is not None and self._id(row) > span.last:
                return
            if self.model.visible(self.env, row) and test(row):
                yield row

    def browse(self, ids: Sequence[int]) -> list[Row]:
        """The rows of ids that are there.

        Raises:
            AccessError: A record rule hides one of them.
        """
        found = [(each, self.model.row(self.env, each)) for each in ids]
        for number, row in found:
            if row is not None and not self.model.visible(self.env, row):
                raise AccessError(
                    f"Due to security restrictions, you are not allowed to access '{self.model.title}' "
                    f"({self.model.name}) records.\n\nRecords: {number} (id={number})"
                )
        return [row for _, row in found if row is not None]

    def _existing(self, ids: Sequence[int]) -> list[Row]:
        rows = self.browse(ids)
        if len(rows) != len(ids):
            raise MissingError(
                "Record does not exist or has been deleted.\n"
                f"(Record: {self.model.name}{tuple(ids)}, User: {self.env.state.user.id})"
            )
        return rows

    def _id(self, row: Row) -> int:
        return int(self.model.fields["id"].get(self.env, row))

    def _field(self, name: str) -> Field:
        if name not in self.model.fields:
            place = f"'{self.model.name}'" if self.env.version >= 19 else f"model '{self.model.name}'"
            raise BadValue(f"Invalid field {name!r} on {place}")
        return self.model.fields[name]

    def _chosen(self, names: Sequence[str] | None) -> list[tuple[str, Field]]:
        wanted = dict.fromkeys(["id", *(names or self.model.fields)])
        return [(name, self._field(name)) for name in wanted]

    def _formatted(
        self, rows: Sequence[Row], chosen: Sequence[tuple[str, Field]], load: str | None
    ) -> list[dict[str, Plain]]:
        writers = [(name, self._writer(field, load)) for name, field in chosen]
        return [{name: write(row) for name, write in writers} for row in rows]

    def _writer(self, field: Field, load: str | None) -> Callable[[Row], Plain]:
        env, get, kind = self.env, field.get, field.kind
        if kind != "many2one":
            return lambda row: plain(kind, get(env, row))
        if load != CLASSIC:
            return lambda row: get(env, row) or False
        names: dict[int, list[Plain]] = {}
        return lambda row: self.named(field, get(env, row), names)

    def named(self, field: Field, number: int | None, known: dict[int, list[Plain]]) -> Plain:
        """What a many2one answers: id and name; names are looked up without rules."""
        if number is None:
            return False
        if number not in known:
            model = self.env.state.models.get(field.relation)
            target = model.row(self.env, number) if model else None
            name = model.display(self.env, target) if model and target is not None else ""
            known[number] = [number, name]
        return known[number]

    def _terms(self, order: str) -> list[OrderTerm]:
        terms: list[OrderTerm] = []
        for text in order.split(","):
            found = TERM.fullmatch(text)
            if found is None:
                raise UserError(
                    f'Invalid "order" specified ({order}). A valid "order" specification is a '
                    "comma-separated list of valid field names (optionally followed by asc/desc for "
                    "the direction)"
                )
            name, direction = found[1], found[2]
            field = self._field(name)
            if not field.stored:
                raise BadValue(f"Cannot convert {self.model.name}.{name} to SQL because it is not stored")
            terms.append(OrderTerm(field, name, (direction or "asc").lower() == "desc"))
        return terms

    def _key(self, field: Field) -> Callable[[Row], tuple[bool, Raw]]:
        """As PostgreSQL orders: nothing comes after everything."""
        env, get = self.env, field.get
        names: dict[int, list[Plain]] = {}

        def key(row: Row) -> tuple[bool, Raw]:
            value = get(env, row)
            if field.relation and value is not None:
                value = self.named(field, value, names)[1]
            return (value is None, "" if value is None else value)

        return key

    def _described(self, name: str, attributes: Sequence[str] | None) -> dict[str, Plain]:
        field = self.model.fields[name]
        described: dict[str, Plain] = {
            "type": field.kind,
            "string": field.label,
            "store": field.stored,
            "searchable": True,
            "sortable": field.stored,
            "readonly": name not in self.model.writable,
            "required": name == "id",
            "name": name,
        }
        if field.relation:
            described["relation"] = field.relation
        if field.selection:
            described["selection"] = [list(pair) for pair in field.selection]
        wanted = attributes or (*DESCRIBED, *DESCRIBED_WHERE_THERE)
        return {key: value for key, value in described.items() if key in wanted}
