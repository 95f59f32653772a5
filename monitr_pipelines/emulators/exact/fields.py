"""The fields of each kind of row and their types, by the reference pages of Exact Online's REST service."""

from collections.abc import Mapping
from enum import Enum


class Edm(Enum):
    """The types of OData that occur."""

    GUID = "Edm.Guid"
    TEXT = "Edm.String"
    SHORT = "Edm.Int32"
    LONG = "Edm.Int64"
    DOUBLE = "Edm.Double"
    TIME = "Edm.DateTime"
    FLAG = "Edm.Boolean"
    NAVIGATION = "Navigation"


Fields = Mapping[str, Edm]

_WRITTEN = (
    "Created:time Creator:guid CreatorFullName Division:int Modified:time Modifier:guid ModifierFullName"
)
_SHORT = {
    "guid": Edm.GUID,
    "": Edm.TEXT,
    "int": Edm.SHORT,
    "long": Edm.LONG,
    "double": Edm.DOUBLE,
    "time": Edm.TIME,
    "bool": Edm.FLAG,
    "nav": Edm.NAVIGATION,
}


def _fields(text: str, written: str = _WRITTEN) -> Fields:
    """Fields by name, in the order of the alphabet; `name:type`, a text where no type stands."""
    pairs = (word.partition(":") for word in f"{text} {written}".split())
    return {name: _SHORT[kind] for name, _, kind in sorted(pairs, key=lambda pair: pair[0].lower())}


TRANSACTION_LINE = _fields("""
    Account:guid AccountCode AccountName AmountDC:double AmountFC:double AmountVATBaseFC:double
    AmountVATFC:double Asset:guid AssetCode AssetDescription CostCenter CostCenterDescription CostUnit
    CostUnitDescription Currency CustomField Date:time Description Document:guid DocumentNumber:int
    DocumentSubject DueDate:time EntryID:guid EntryNumber:int ExchangeRate:double ExternalLinkDescription
    ExternalLinkReference ExtraDutyAmountFC:double ExtraDutyPercentage:double FinancialPeriod:int
    FinancialYear:int GLAccount:guid GLAccountCode GLAccountDescription ID:guid InvoiceNumber:int Item:guid
    ItemCode ItemDescription JournalCode JournalDescription LineNumber:int LineType:int Notes OffsetID:guid
    OrderNumber:int PaymentDiscountAmount:double PaymentReference Project:guid ProjectCode
    ProjectDescription Quantity:double Status:int Subscription:guid SubscriptionDescription Timestamp:long
    TrackingNumber:guid TrackingNumberDescription Type:int VATCode VATCodeDescription VATPercentage:double
    VATType YourRef
""")

_ACCOUNT = """
    AllowCostsInSales:int AssimilatedVATBox:int BalanceSide BalanceType BelcotaxType:int Code Compress:bool
    Costcenter CostcenterDescription Costunit CostunitDescription CustomField Description
    ExcludeVATListing:int ExpenseNonDeductiblePercentage:double ID:guid IsBlocked:bool Matching:bool
    PrivateGLAccount:guid PrivatePercentage:double ReportingCode RevalueCurrency:bool SearchCode Type:int
    TypeDescription UseCostcenter:int UseCostunit:int VATCode VATDescription VATGLAccountType
    VATNonDeductibleGLAccount:guid VATNonDeductiblePercentage:double VATSystem YearEndCostGLAccount:guid
    YearEndReflectionGLAccount:guid
"""
SYNC_ACCOUNT = _fields(f"Timestamp:long {_ACCOUNT}")
ACCOUNT = _fields(f"DeductibilityPercentages:nav {_ACCOUNT}")

PROJECT = _fields("""
    Account:guid AccountCode AccountContact:guid AccountName AllowAdditionalInvoicing:bool
    AllowMemberEntryOnly:bool BlockEntry:bool BlockInvoicing:bool BlockPlanning:bool BlockPurchasing:bool
    BlockRebilling:bool BudgetedAmount:double BudgetedCosts:double BudgetedRevenue:double
    BudgetOverrunHours:int BudgetType:int BudgetTypeDescription Classification:guid
    ClassificationDescription Code CostsAmountFC:double CustomerPOnumber CustomField Description
    DivisionName EnableWorkInProgress:bool EndDate:time FixedPriceItem:guid FixedPriceItemDescription
    HasWBSLines:bool ID:guid IncludeInvoiceSpecification:int IncludeSpecificationInInvoicePdf:bool
    InternalNotes InvoiceAddress:guid InvoiceAsQuoted:bool InvoiceDescription IsWBSRequiredForEntry:int
    Manager:guid ManagerFullname MarkupPercentage:double Notes PaymentCondition PrepaidItem:guid
    PrepaidItemDescription PrepaidType:int PrepaidTypeDescription SalesTimeQuantity:double
    SourceQuotation:guid StartDate:time TimeQuantityToAlert:double Timestamp:long Type:int TypeDescription
    UseBillingMilestones:bool
""")

DELETED = _fields(
    "DeletedBy:guid DeletedDate:time Division:int EntityKey:guid EntityType:int ID:guid Timestamp:long", ""
)

COST_CENTRE = _fields("Code CustomField Description EndDate:time ID:guid")

PERIOD = _fields("EndDate:time FinPeriod:int FinYear:int ID:guid StartDate:time")

JOURNAL = _fields("""
    AllowVariableCurrency:bool AllowVariableExchangeRate:bool AllowVAT:bool AutoSave:bool Bank:guid
    BankAccountBICCode BankAccountCountry BankAccountDescription BankAccountIBAN BankAccountID:guid
    BankAccountIncludingMask BankName Code Currency CurrencyDescription CustomField Description
    GLAccount:guid GLAccountCode GLAccountDescription GLAccountType:int ID:guid IsBlocked:bool
    PaymentInTransitAccount:guid PaymentServiceAccountIdentifier PaymentServiceProvider:int
    PaymentServiceProviderName Type:int
""")

BALANCE = _fields(
    """
    Amount:double AmountCredit:double AmountDebit:double BalanceType CostCenterCode CostCenterDescription
    CostUnitCode CostUnitDescription Count:int Division:int GLAccount:guid GLAccountCode
    GLAccountDescription ID:long ReportingPeriod:int ReportingYear:int Status:int Type:int
    """,
    "",
)

DIVISION = _fields(
    """
    AddressLine1 AddressLine2 AddressLine3 ArchiveDate:time BlockingStatus:int BusinessTypeCode
    BusinessTypeDescription ChamberOfCommerceEstablishment ChamberOfCommerceNumber City Class_01:nav
    Class_02:nav Class_03:nav Class_04:nav Class_05:nav Code:int CompanySizeCode CompanySizeDescription
    Country Created:time Creator:guid CreatorFullName Currency Current:bool Customer:guid CustomerCode
    CustomerName DatevAccountantNumber DatevClientNumber Description DivisionHRLinkUnlinkDate:time
    DivisionMoveDate:time Email Fax Hid:long IsDossierDivision:bool IsHRDivision:bool IsMainDivision:bool
    IsPracticeDivision:bool Legislation Modified:time Modifier:guid ModifierFullName OBNumber Phone Postcode
    SbiCode SbiDescription SectorCode SectorDescription ShareCapital:double SiretNumber StartDate:time State
    Status:int SubsectorCode SubsectorDescription TaxOfficeNumber TaxReferenceNumber TemplateCode VATNumber
    Website
    """,
    "",
)

ME = _fields(
    """
    AccountingDivision:int CurrentDivision:int CustomerCode DivisionCustomer:guid DivisionCustomerCode
    DivisionCustomerName DivisionCustomerSiretNumber DivisionCustomerVatNumber DossierDivision:int Email
    EmployeeID:guid FirstName FullName Gender Initials IsClientUser:bool IsEmployeeSelfServiceUser:bool
    IsMyFirmLiteUser:bool IsMyFirmPortalUser:bool IsOEIMigrationMandatory:bool IsStarterUser:bool Language
    LanguageCode LastName Legislation:long MiddleName Mobile Nationality PackageCode Phone PhoneExtension
    PictureUrl ServerTime:time ServerUtcOffset:double ThumbnailPicture ThumbnailPictureFormat Title
    UserID:guid UserName
    """,
    "",
)
