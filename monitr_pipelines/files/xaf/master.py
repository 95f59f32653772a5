"""The master data of a Dutch audit file: accounts, names of relations and of axis values."""

from monitr_pipelines.files.reading.limits import add_account, add_axis_value
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue

TYPES = {"B": AccountType.BALANCE_SHEET, "P": AccountType.PROFIT_AND_LOSS}
# The kinds of <basic> that describe the values of the elements of a line.
BASIC_KINDS = {"02": "costID", "03": "prodID", "04": "projID"}
AXES = {"artGrpID": "article group", "costID": "cost", "prodID": "product", "projID": "project"}


class XafMaster:
    """What lines refer to, gathered as it comes along before them."""

    def __init__(self, accounts: dict[str, Account], axes: set[AxisValue]) -> None:
        self._accounts = accounts
        self._axes = axes
        self._relations: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._seen: set[tuple[str, str]] = set()

    def account(self, values: dict[str, str]) -> None:
        """A ledgerAccount."""
        code = values.get("accID", "")
        if code:
            kind = TYPES.get(values.get("accTp", "").upper())
            add_account(self._accounts, Account(code, values.get("accDesc") or code, kind))

    def basic(self, values: dict[str, str]) -> None:
        """A basic: the name of a value of an axis, among other things."""
        kind = BASIC_KINDS.get(values.get("basicType", ""))
        if kind and values.get("basicID"):
            self._names[(kind, values["basicID"])] = values.get("basicDesc") or values["basicID"]

    def relation(self, values: dict[str, str]) -> None:
        """A customerSupplier."""
        if values.get("custSupID") and values.get("custSupName"):
            self._relations[values["custSupID"]] = values["custSupName"]

    def relation_name(self, code: str) -> str | None:
        """The name of a customer or supplier, its code where the file does not name it."""
        return self._relations.get(code, code) or None

    def axes_of(self, values: dict[str, str]) -> tuple[tuple[str, str], ...]:
        """The axis values of a line, each noted with its name."""
        found = [(element, values[element]) for element in AXES if values.get(element)]
        for value in found:
            if value not in self._seen:
                name = self._names.get(value, value[1])
                add_axis_value(self._axes, AxisValue(AXES[value[0]], value[1], name))
                self._seen.add(value)
        return tuple((AXES[element], value) for element, value in found)
