"""How files name the statement that an account belongs to, in English, Dutch and French."""

from monitr_pipelines.files.reading.headers import plain_name
from monitr_pipelines.files.reading.problems import BadValueError, shown
from monitr_pipelines.ledger.records import AccountType
from monitr_pipelines.ledger.sentences import sentence

BALANCE_SHEET = """
    b, bs, bal, balance, balance sheet, balans, balansrekening, bilan, compte de bilan, a, l, asset, assets,
    liability, liabilities, equity, activa, passiva, actief, passief, actif, passif, eigen vermogen,
    capitaux propres, contra asset, bank, cash, inventory, prepayment, receivable, payable,
    current asset, fixed asset, current liability, non-current asset, non-current liability
"""
PROFIT_AND_LOSS = """
    p, pl, p&l, p/l, pnl, profit and loss, profit & loss, profit loss, income statement, income, expense,
    expenses, revenue, revenues, cost, costs, cost of sales, cogs, opex, operating expense,
    operating expenses, operating income, other income, other expense, other expenses, sales, direct costs,
    overhead, overheads, depreciation, contra revenue, contra expense, w&v, wv, v&w, winst en verlies,
    winst- en verliesrekening, verlies en winst, resultaat, resultatenrekening, resultat, compte de resultat,
    opbrengst, opbrengsten, kosten, charge, charges, produit, produits
"""


def _names(listed: str, kind: AccountType) -> dict[str, AccountType]:
    return {plain_name(name): kind for name in listed.split(",")}


KINDS = {
    **_names(BALANCE_SHEET, AccountType.BALANCE_SHEET),
    **_names(PROFIT_AND_LOSS, AccountType.PROFIT_AND_LOSS),
}


def account_type(text: str) -> AccountType | None:
    """The type a file names; None when it names none, BadValueError when it is no known type."""
    plain = plain_name(text)
    if not plain:
        return None
    if plain not in KINDS:
        raise BadValueError(
            "unknown_account_type",
            sentence("unknown_account_type", text=shown(text)),
            "account_type",
        )
    return KINDS[plain]
