"""Domains and administrations as every service lists them, in a namespace of none."""

from monitr_pipelines.emulators.shared.records import Company
from monitr_pipelines.emulators.yuki.access import Access, Session, domain_key
from monitr_pipelines.emulators.yuki.forms import element, guid

HOSTS = {"BE": "yukiworks.be", "NL": "yukiworks.nl"}


def domains(access: Access) -> str:
    """The domains that the key opens."""
    hosts = {
        access.domain_of(company): HOSTS.get(company.country, HOSTS["NL"]) for company in access.reachable()
    }
    rows = (
        f'<Domain ID="{domain_key(number)}">{element("Name", name)}'
        f"<URL>domain-{number}.{hosts[number]}</URL></Domain>"
        for number, name in access.domains().items()
    )
    return f'<Domains xmlns="">{"".join(rows)}</Domains>'


def current_domain(access: Access, session: Session) -> str:
    """The current domain of a session."""
    name = access.domains().get(session.domain, "")
    row = f'<Domain ID="{domain_key(session.domain)}">{element("Name", name)}</Domain>'
    return f'<Domains xmlns="">{row}</Domains>'


def administrations(access: Access) -> str:
    """The administrations that the key opens, of whichever domain."""
    rows = (
        f'<Administration ID="{guid("administration", company.id)}">{element("Name", company.name)}'
        "<AddressLine>Stationsstraat 1</AddressLine><Postcode>2000</Postcode><City>Antwerpen</City>"
        f"{element('Country', company.country)}{element('CoCNumber', company.tax_number[2:])}"
        f"{element('VATNumber', company.tax_number)}{element('StartDate', _began(access, company))}"
        f"<DomainID>{domain_key(access.domain_of(company))}</DomainID><Active>true</Active></Administration>"
        for company in access.reachable()
    )
    return f'<Administrations xmlns="">{"".join(rows)}</Administrations>'


def companies(access: Access) -> str:
    """The same by name alone."""
    rows = (
        f'<Company ID="{guid("administration", company.id)}">{element("Name", company.name)}'
        "<Active>true</Active></Company>"
        for company in access.reachable()
    )
    return f'<Companies xmlns="">{"".join(rows)}</Companies>'


def _began(access: Access, company: Company) -> str:
    """Administrations start with the year of their first booking."""
    days = (entry.day for entry in access.books.company_entries(company.id))
    return f"{min(days, default=access.books.clock.now().date()):%Y}-01-01"
