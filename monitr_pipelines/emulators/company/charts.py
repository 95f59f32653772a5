"""Three countries' charts of accounts, as far as the invented companies need them.

A `Role` says what an account is for, so that one simulation keeps the books of every country.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from monitr_pipelines.ledger.records import Account, AccountType


class Role(Enum):
    """What an account is for; those after `BANK` are profit and loss accounts."""

    CAPITAL = auto()
    RETAINED = auto()
    RESULT = auto()
    LOAN = auto()
    EQUIPMENT = auto()
    DEPRECIATED = auto()
    STOCK = auto()
    CUSTOMERS = auto()
    SUPPLIERS = auto()
    VAT_ON_SALES = auto()
    VAT_ON_PURCHASES = auto()
    VAT_SETTLED = auto()
    TAX_DUE = auto()
    WITHHELD = auto()
    SOCIAL_SECURITY = auto()
    WAGES_DUE = auto()
    BANK = auto()
    SALES_OF_GOODS = auto()
    SALES_OF_SERVICES = auto()
    PURCHASES = auto()
    STOCK_CHANGE = auto()
    RENT = auto()
    UTILITIES = auto()
    FEES = auto()
    MARKETING = auto()
    INSURANCE = auto()
    WAGES = auto()
    SOCIAL_CHARGES = auto()
    DEPRECIATION = auto()
    INTEREST = auto()
    TAX = auto()
    CARRIED_FORWARD = auto()

    @property
    def type(self) -> AccountType:
        """The statement that accounts of this role belong to."""
        last = Role.BANK.value
        return AccountType.BALANCE_SHEET if self.value <= last else AccountType.PROFIT_AND_LOSS


class JournalKind(Enum):
    """What a journal holds; the value is its type in the Dutch audit file."""

    OPENING = "Z"
    SALES = "S"
    PURCHASES = "P"
    BANK = "B"
    PAYROLL = "Y"
    MEMORIAL = "M"


class Journal(NamedTuple):
    """A journal as the books name it."""

    code: str
    name: str


@dataclass(frozen=True)
class Chart:
    """A country's accounts, journals and rates (whole per cents)."""

    country: str
    vat_percent: int
    tax_percent: int
    legal_form: str
    journals: Mapping[JournalKind, Journal]
    accounts: Mapping[Role, Account]


def _accounts(text: str) -> dict[Role, Account]:
    """Accounts in the order of the roles, one a line; a dash where the country has none.

    Two roles may share an account, as where the result goes straight to the retained earnings.
    """
    rows = [row.strip() for row in text.strip().splitlines()]
    named = zip(Role, rows, strict=True)
    split = {role: row.partition(" ") for role, row in named if row != "-"}
    return {role: Account(code, name, role.type) for role, (code, _, name) in split.items()}


def _journals(text: str) -> dict[JournalKind, Journal]:
    rows = [row.strip().partition(" ") for row in text.strip().splitlines()]
    return {kind: Journal(code, name) for kind, (code, _, name) in zip(JournalKind, rows, strict=True)}


BELGIAN = Chart(
    country="BE",
    vat_percent=21,
    tax_percent=25,
    legal_form="BV",
    journals=_journals("""
        OPN Openingsbalans
        VKP Verkopen
        AKP Aankopen
        BNK Bank
        LON Lonen
        DIV Diverse verrichtingen
    """),
    accounts=_accounts("""
        100000 Geplaatst kapitaal
        140000 Overgedragen winst
        140000 Overgedragen winst
        173000 Schulden aan kredietinstellingen
        230000 Installaties, machines en uitrusting
        230900 Afschrijvingen op installaties, machines en uitrusting
        340000 Handelsgoederen
        400000 Handelsdebiteuren
        440000 Leveranciers
        451000 Te betalen btw
        411000 Terug te vorderen btw
        451200 Rekening-courant btw
        450000 Geraamd bedrag der belastingschulden
        453000 Ingehouden voorheffing
        454000 Rijksdienst voor Sociale Zekerheid
        455000 Bezoldigingen
        550000 Bank, zichtrekening
        700000 Verkopen van handelsgoederen
        705000 Dienstverlening
        604000 Aankopen van handelsgoederen
        609400 Voorraadwijziging handelsgoederen
        610000 Huur
        612000 Energie en water
        613200 Erelonen
        614000 Publiciteit
        613600 Verzekeringen
        620200 Bezoldigingen bedienden
        621000 Werkgeversbijdragen voor sociale verzekering
        630200 Afschrijvingen op materiële vaste activa
        650000 Rente op schulden
        670200 Geraamde belastingen
        693000 Over te dragen winst
    """),
)

DUTCH = Chart(
    country="NL",
    vat_percent=21,
    tax_percent=25,
    legal_form="B.V.",
    journals=_journals("""
        BEG Beginbalans
        VRK Verkoopboek
        INK Inkoopboek
        BNK Bankboek
        LON Loonjournaal
        MEM Memoriaal
    """),
    accounts=_accounts("""
        0500 Gestort kapitaal
        0590 Winstreserve
        0590 Winstreserve
        0700 Lening bank
        0200 Inventaris
        0210 Afschrijving inventaris
        3000 Voorraad handelsgoederen
        1300 Debiteuren
        1600 Crediteuren
        1500 Af te dragen btw
        1520 Voorbelasting
        1560 Btw-aangifte
        1580 Te betalen vennootschapsbelasting
        1540 Te betalen loonheffing
        1545 Te betalen sociale lasten
        1550 Te betalen nettolonen
        1100 Bank
        8000 Omzet handelsgoederen
        8100 Omzet diensten
        7000 Inkoop handelsgoederen
        7900 Voorraadmutatie
        4200 Huur
        4220 Gas, water en elektra
        4600 Advieskosten
        4500 Reclamekosten
        4620 Verzekeringen
        4000 Brutolonen
        4010 Sociale lasten werkgever
        4300 Afschrijvingskosten
        4800 Rentelasten
        9500 Vennootschapsbelasting
        -
    """),
)

FRENCH = Chart(
    country="FR",
    vat_percent=20,
    tax_percent=25,
    legal_form="SAS",
    journals=_journals("""
        AN A nouveaux
        VE Ventes
        AC Achats
        BQ Banque
        PA Paie
        OD Opérations diverses
    """),
    accounts=_accounts("""
        101300 Capital souscrit, appelé, versé
        110000 Report à nouveau
        120000 Résultat de l'exercice
        164000 Emprunts auprès des établissements de crédit
        215400 Matériel industriel
        281540 Amortissements du matériel industriel
        370000 Stocks de marchandises
        411000 Clients
        401000 Fournisseurs
        445710 TVA collectée
        445660 TVA déductible
        445510 TVA à décaisser
        444000 État, impôt sur les bénéfices
        442100 Prélèvement à la source
        431000 Sécurité sociale
        421000 Personnel, rémunérations dues
        512000 Banque
        707000 Ventes de marchandises
        706000 Prestations de services
        607000 Achats de marchandises
        603700 Variation des stocks de marchandises
        613200 Locations immobilières
        606100 Fournitures non stockables
        622600 Honoraires
        623000 Publicité
        616000 Primes d'assurances
        641100 Salaires
        645100 Cotisations à l'URSSAF
        681120 Dotations aux amortissements
        661100 Intérêts des emprunts
        695000 Impôts sur les bénéfices
        -
    """),
)
