"""Connecting on the sign-in page of a software: where the person goes, and what they come back with.

OAuth 2.0 with an authorization code (RFC 6749), and the digest of a secret that stays here (RFC 7636). What
belongs to a person who is away is kept by `warehouse.registry.pending`.
"""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from monitr_pipelines import providers, settings
from monitr_pipelines.importing import connecting, ports
from monitr_pipelines.importing.connecting import Accepted
from monitr_pipelines.lifecycle.errors import Refused
from monitr_pipelines.providers.contract import Consent, Credentials, SignIn
from monitr_pipelines.warehouse.registry.pending import Pending

CALLBACK = "/integrations/callback"
# RFC 7636: 43 to 128 characters.
VERIFIER_BYTES = 48
LONGEST_RETURNED = 200
NOTHING: Mapping[str, str] = MappingProxyType({})


def begin(provider_name: str, connection_id: int | None, values: Mapping[str, str]) -> Pending:
    """What is kept of someone who leaves for the software's page.

    Raises:
        Refused: A field is missing or unknown; the software has no page, or nobody registered us with it.
    """
    given = connecting.complete(provider_name, values)
    _sign_in_of(provider_name)
    return Pending(provider_name, connection_id, given, secrets.token_urlsafe(VERIFIER_BYTES))


def page(pending: Pending, state: str) -> str:
    """The address of the software's page."""
    return _sign_in_of(pending.provider).page(_consent(pending, state))


def finish(pending: Pending, state: str, code: str, beside: Mapping[str, str]) -> Accepted:
    """The credentials for the code that came back, tried out, and the companies that they see.

    `beside` are the parameters that came with it, of which those count that a field of the provider names.

    Raises:
        Refused: One that has to come back did not.
        ReconnectNeeded: The software refused the code or the credentials; the code is spent.
        ProviderDown: It did not answer; the code is spent.
    """
    sign_in = _sign_in_of(pending.provider)
    returned = _returned(pending.provider, beside)
    credentials = sign_in.exchange(_consent(pending, state, returned), code)
    return connecting.accepted(pending.provider, credentials)


def _returned(provider_name: str, beside: Mapping[str, str]) -> dict[str, str]:
    fields = [each for each in providers.find(provider_name).fields if each.returned]
    found = {each.name: beside.get(each.returned, "") for each in fields}
    if missing := [each.returned for each in fields if not 0 < len(found[each.name]) <= LONGEST_RETURNED]:
        raise Refused(f"{provider_name} sent nobody back with {', '.join(missing)}.", code="bad_value")
    return found


def _consent(pending: Pending, state: str, returned: Mapping[str, str] = NOTHING) -> Consent:
    application = ports.application_of(pending.provider)
    if application is None:
        raise Refused(
            f"Monitr is not registered with the maker of {pending.provider}.", code="no_application"
        )
    callback = f"{settings.public_url()}{CALLBACK}"
    return Consent(
        application, callback, state, pending.verifier, Credentials({**pending.values, **returned})
    )


def _sign_in_of(provider_name: str) -> SignIn:
    sign_in = providers.find(provider_name).sign_in
    if sign_in is None or ports.application_of(provider_name) is None:
        raise Refused(f"Monitr is not registered with the maker of {provider_name}.", code="no_application")
    return sign_in
