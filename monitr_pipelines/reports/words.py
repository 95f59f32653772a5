"""The few words of reports that no structure and no books have, in three languages."""

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """The languages of report lines."""

    EN = "en"
    NL = "nl"
    FR = "fr"


Words = Mapping[Language, str]

TITLES: Mapping[str, Words] = {
    "trial_balance": {
        Language.EN: "Trial balance",
        Language.NL: "Proef- en saldibalans",
        Language.FR: "Balance générale",
    },
    "profit_and_loss": {
        Language.EN: "Profit and loss",
        Language.NL: "Resultatenrekening",
        Language.FR: "Compte de résultat",
    },
    "balance_sheet": {Language.EN: "Balance sheet", Language.NL: "Balans", Language.FR: "Bilan"},
    "cash_flow": {
        Language.EN: "Cash flow",
        Language.NL: "Kasstroom",
        Language.FR: "Flux de trésorerie",
    },
}
TOTAL: Words = {Language.EN: "Total", Language.NL: "Totaal", Language.FR: "Total"}
COLUMNS: Mapping[str, Words] = {
    "account": {Language.EN: "Account", Language.NL: "Rekening", Language.FR: "Compte"},
    "line": {Language.EN: "Line", Language.NL: "Lijn", Language.FR: "Ligne"},
    "name": {Language.EN: "Name", Language.NL: "Naam", Language.FR: "Nom"},
    "level": {Language.EN: "Level", Language.NL: "Niveau", Language.FR: "Niveau"},
    "opening": {Language.EN: "Opening", Language.NL: "Beginsaldo", Language.FR: "Solde initial"},
    "debit": {Language.EN: "Debit", Language.NL: "Debet", Language.FR: "Débit"},
    "credit": {Language.EN: "Credit", Language.NL: "Credit", Language.FR: "Crédit"},
    "closing": {Language.EN: "Closing", Language.NL: "Eindsaldo", Language.FR: "Solde final"},
    "after_closing": {
        Language.EN: "After closing",
        Language.NL: "Na afsluiting",
        Language.FR: "Après clôture",
    },
    "amount": {Language.EN: "Amount", Language.NL: "Bedrag", Language.FR: "Montant"},
    "year_to_date": {
        Language.EN: "Year to date",
        Language.NL: "Boekjaar tot nu",
        Language.FR: "Cumul de l'exercice",
    },
    "prior_year": {Language.EN: "Prior year", Language.NL: "Jaar eerder", Language.FR: "Un an avant"},
}
OTHER_VALUES: Words = {
    Language.EN: "Other values",
    Language.NL: "Andere waarden",
    Language.FR: "Autres valeurs",
}
WITHOUT_VALUE: Words = {
    Language.EN: "Without a value",
    Language.NL: "Zonder waarde",
    Language.FR: "Sans valeur",
}
BEYOND: Words = {
    Language.EN: "The ledger runs from {first} to {last}: nothing is booked outside it, and balances after "
    "it are those of {last}.",
    Language.NL: "Het grootboek loopt van {first} tot en met {last}: daarbuiten is niets geboekt, en saldi "
    "erna zijn die van {last}.",
    Language.FR: "Le grand livre va de {first} à {last} : rien n'est comptabilisé en dehors, et les soldes "
    "qui suivent sont ceux de {last}.",
}
# Of results of earlier years that no entry carried over: an account that is none of the books.
CARRIED_FORWARD: Words = {
    Language.EN: "Result carried forward",
    Language.NL: "Overgedragen resultaat",
    Language.FR: "Résultat reporté",
}
