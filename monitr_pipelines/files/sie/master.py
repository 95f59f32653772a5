"""The master data of a SIE file: accounts with their types, dimensions and the names of their objects."""

from monitr_pipelines.files.reading.accounts import check_code
from monitr_pipelines.files.reading.limits import add_account, add_axis_value
from monitr_pipelines.files.sie.items import Item, objects_of
from monitr_pipelines.ledger.limits import MOST_AXIS_VALUES
from monitr_pipelines.ledger.records import Account, AccountType, AxisValue

TYPES = {
    "T": AccountType.BALANCE_SHEET,
    "S": AccountType.BALANCE_SHEET,
    "K": AccountType.PROFIT_AND_LOSS,
    "I": AccountType.PROFIT_AND_LOSS,
}
# The dimensions that the format gives a meaning, for files that use them without naming them.
DIMENSIONS = {
    "1": "cost centre",
    "2": "cost unit",
    "6": "project",
    "7": "employee",
    "8": "customer",
    "9": "supplier",
    "10": "invoice",
}
# Classes 1 and 2 of the BAS chart, which holds unless a file says otherwise, are the balance sheet.
BALANCE_SHEET = "12"


class SieMaster:
    """What lines refer to, gathered as it comes along before them."""

    def __init__(self, accounts: dict[str, Account], axes: set[AxisValue]) -> None:
        self._accounts = accounts
        self._axes = axes
        self._types: dict[str, AccountType] = {}
        self._names: dict[str, str] = {}
        self._objects: dict[tuple[str, str], str] = {}
        self._seen: set[tuple[str, str]] = set()

    def account(self, code: str, name: str = "") -> str:
        """An account that the file names or uses, or BadValueError."""
        if name or code not in self._accounts:
            check_code(code)
            add_account(self._accounts, Account(code, name or code))
        return code

    def type(self, code: str, letter: str) -> None:
        """What the file says of an account: #KTYP."""
        if code in self._accounts and letter.upper() in TYPES:
            self._types[code] = TYPES[letter.upper()]

    def balance(self, code: str, kind: AccountType) -> None:
        """An account that has a balance (#IB, #UB) or a result (#RES) is of that type."""
        if code in self._accounts:
            self._types.setdefault(code, kind)

    def dimension(self, item: Item) -> None:
        """#DIM or #UNDERDIM."""
        if len(self._names) < MOST_AXIS_VALUES:
            self._names[item.field(0)] = item.field(1)

    def object(self, item: Item) -> None:
        """#OBJEKT."""
        if len(self._objects) < MOST_AXIS_VALUES:
            self._objects[item.field(0), item.field(1)] = item.field(2)

    def axes_of(self, field: str) -> tuple[tuple[str, str], ...]:
        """The axis values of an object list, by the names of their dimensions; each noted with its name."""
        parts = objects_of(field)
        found: dict[str, str] = {}
        for dimension, code in zip(parts[::2], parts[1::2], strict=False):
            axis = self._names.get(dimension) or DIMENSIONS.get(dimension) or f"dimension {dimension}"
            if not code or axis in found:
                continue
            found[axis] = code
            if (axis, code) not in self._seen:
                name = self._objects.get((dimension, code)) or code
                add_axis_value(self._axes, AxisValue(axis, code, name))
                self._seen.add((axis, code))
        return tuple(sorted(found.items()))

    def settle_types(self) -> None:
        """Give every account its type, once the whole file has told what it knows of them."""
        for code, account in self._accounts.items():
            by_class = AccountType.BALANCE_SHEET if code[:1] in BALANCE_SHEET else AccountType.PROFIT_AND_LOSS
            self._accounts[code] = Account(code, account.name, self._types.get(code, by_class))
