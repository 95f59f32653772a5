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
}
TOTAL: Words = {Language.EN: "Total", Language.NL: "Totaal", Language.FR: "Total"}
# Of results of earlier years that no entry carried over: an account that is none of the books.
CARRIED_FORWARD: Words = {
    Language.EN: "Result carried forward",
    Language.NL: "Overgedragen resultaat",
    Language.FR: "Résultat reporté",
}
