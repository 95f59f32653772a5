"""Every variable that people set, `MONITR_...`; their table is `variables.py`.

The environment is read whenever a setting is asked for. A wrong value stops what needs it, and at its
start every process that calls `check`; the error names the variable, and never the value of a secret.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from monitr_pipelines import setting_kinds as kind
from monitr_pipelines import variables
from monitr_pipelines.shipped import CHECKOUT
from monitr_pipelines.variables import PREFIX, Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost"})

MEGABYTE = 1024 * 1024

# Set by `monitr up` for its own processes, and by nobody else.
LIFELINE = "LIFELINE_OF_MONITR"

BadSetting = variables.BadSetting


def _now() -> Settings:
    """The settings of this moment; they are validated anew when a variable has changed."""
    return _validated(frozenset(pair for pair in os.environ.items() if pair[0].upper().startswith(PREFIX)))


@lru_cache(maxsize=1)
def _validated(_variables: frozenset[tuple[str, str]]) -> Settings:
    return Settings()


def check() -> None:
    """Raise BadSetting with every variable whose value is wrong, a sentence each."""
    now = _now()
    wrong = []
    for field in Settings.model_fields:
        try:
            getattr(now, field)
        except BadSetting as problem:
            wrong.append(str(problem))
    if wrong:
        raise BadSetting(" ".join(wrong))
    _refuse_an_open_door()


def _refuse_an_open_door() -> None:
    """The Dagster UI launches and ends imports: whoever reaches it from another machine signs in."""
    if operator_tokens():
        return
    if not ip_address(dagster_bind()).is_loopback:
        raise BadSetting(
            f"MONITR_DAGSTER_BIND is {dagster_bind()}, which other machines reach: leave it at 127.0.0.1, "
            f"or set MONITR_OPERATOR_TOKENS to {kind.TOKENS}."
        )
    if dagster_origins():
        raise BadSetting(
            "MONITR_DAGSTER_ORIGINS lets people open the Dagster UI from other machines: "
            f"set MONITR_OPERATOR_TOKENS to {kind.TOKENS}."
        )


def described() -> Iterator[tuple[str, str, str, str]]:
    """Each variable with its meaning, what it must be and its default, in words."""
    for field, setting in Settings.model_fields.items():
        default = variables.words(field, "otherwise") or (
            "" if setting.default is None else str(setting.default)
        )
        yield variables.name_of(field), str(setting.description), variables.words(field, "must be"), default


def home() -> Path:
    """The folder of everything local; without a checkout it is the same from wherever it is asked."""
    return (_now().home or _usual_home()).absolute()


def lifeline() -> Path | None:
    """The pipe that tells a process of `monitr up` whether it still lives; see `lifeline.py`."""
    value = os.environ.get(LIFELINE)
    return Path(value) if value else None


def _usual_home() -> Path:
    if CHECKOUT:
        return CHECKOUT / ".monitr"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "monitr"


def spool_folder() -> Path:
    """The folder of pages that are fetched before they are loaded."""
    return (_now().spool_dir or home() / "spool").absolute()


def spool_limit() -> int:
    """The most bytes that the spool folder may hold."""
    return _now().spool_limit_mb * MEGABYTE


def database_url() -> str | None:
    """The PostgreSQL to use instead of the embedded one, as the role that imports."""
    return _plain(_now().database_url)


def owner_database_url() -> str | None:
    """The same, as the role that owns the tables."""
    return _plain(_now().owner_database_url)


def web_database_url() -> str | None:
    """The same, as the role of the web process."""
    return _plain(_now().web_database_url)


def backup_database_url() -> str | None:
    """The same, as the role of back-ups."""
    return _plain(_now().backup_database_url)


def dagster_database_url() -> str | None:
    """Where Dagster keeps its records, if not beside the books."""
    return _plain(_now().dagster_database_url)


def pooled_database_url() -> str | None:
    """The books through a pooler that gives out a session for one transaction."""
    return _plain(_now().pooled_database_url)


def pooled_dagster_database_url() -> str | None:
    """Dagster's records through such a pooler."""
    return _plain(_now().pooled_dagster_database_url)


def broker_url() -> str | None:
    """The Redis of workers, as redis://:password@host:port/0; None where there are no workers."""
    return _plain(_now().broker_url)


def cluster_bind() -> str:
    """The IP address that the Redis and the pooler of `monitr up --workers` listen on."""
    return _now().cluster_bind


def broker_port() -> int:
    """The port of that Redis."""
    return _now().broker_port


def pooler_port() -> int:
    """The port of that pooler."""
    return _now().pooler_port


def dagster_port() -> int:
    """The port of the Dagster UI."""
    return _now().dagster_port


def dagster_bind() -> str:
    """The IP address that the Dagster UI listens on."""
    return _now().dagster_bind


def dagster_url() -> str:
    """Where the reconciler reaches Dagster's webserver, without a slash at the end."""
    return _now().dagster_url or dagster_at()


def dagster_at() -> str:
    """Where the Dagster UI is opened on this machine."""
    return f"http://{_reachable(dagster_bind())}:{dagster_port()}"


def _reachable(bound: str) -> str:
    """How this machine reaches what listens on an address, as it stands in the address of a page."""
    address = ip_address(bound)
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return bound if address.version == 4 else f"[{bound}]"


def dagster_origins() -> frozenset[str]:
    """Where people and the reconciler open the Dagster UI, besides loopback and where it listens."""
    listed = (_now().dagster_origins or "").split(",")
    return frozenset(filter(None, listed))


def operator_tokens() -> tuple[str, ...]:
    """The tokens that operators sign in to the Dagster UI with; none where nobody has to."""
    listed = (_plain(_now().operator_tokens) or "").split(",")
    return tuple(token.strip() for token in listed if token)


def hook_port() -> int:
    """The port of the web hook and the Entities page."""
    return _now().hook_port


def hook_bind() -> str:
    """The IP address that the web hook and the Entities page listen on."""
    return _now().hook_bind


def hook_at() -> str:
    """Where the Entities page is reached on this machine."""
    return f"http://{_reachable(hook_bind())}:{hook_port()}"


def public_url() -> str:
    """Where people reach the Entities page, without a slash at the end."""
    return _now().public_url or f"http://127.0.0.1:{hook_port()}"


def entities_page() -> str:
    """The address of the Entities page, as messages give it."""
    return f"{public_url()}/entities"


def hook_requests_per_minute() -> int:
    """How often a key of the web hook may ask."""
    return _now().hook_requests_per_minute


def hook_key() -> str | None:
    """The key that signs requests of the web hook on the command line."""
    return _plain(_now().hook_key)


def upload_limit() -> int:
    """The most bytes that a file may have on the page."""
    return _now().upload_limit_mb * MEGABYTE


def import_memory() -> int:
    """The most bytes of memory that reading the books of one import may take."""
    return _now().import_memory_mb * MEGABYTE


def run_time() -> timedelta:
    """How long Dagster keeps a run and its events after its end."""
    return timedelta(days=_now().run_days)


def history_time() -> timedelta:
    """How long every import stays in the history of an entity."""
    return timedelta(days=_now().history_days)


def connection_imports() -> int:
    """The most imports through one connection that are under way at once."""
    return _now().connection_imports


def provider_imports() -> int:
    """The most imports from one accounting software that are under way at once."""
    return _now().provider_imports


def secret_keys() -> str | None:
    """Fernet keys, separated by commas, the newest first."""
    return _plain(_now().secret_keys)


def billing() -> Literal["table", "stripe"]:
    """Where the subscriptions are read."""
    return _now().billing


def billing_seconds() -> int:
    """The pause between two looks at subscriptions."""
    return _now().billing_seconds


def billing_portal_url() -> str | None:
    """Where customers see to their subscription; None where there is no such page."""
    return _now().billing_portal_url


def stripe_key() -> str | None:
    """The key that may read subscriptions at Stripe."""
    return _plain(_now().stripe_key)


def stripe_address() -> str | None:
    """Another server than Stripe's."""
    return _now().stripe_address


def smtp_url() -> str | None:
    """The mail server, as smtp(s)://user:password@host:port."""
    return _plain(_now().smtp_url)


def alert_from() -> str | None:
    """The sender of alerts."""
    return _now().alert_from


def operations_email() -> str | None:
    """Who hears of causes where operations must act."""
    return _now().operations_email


def oauth_application(provider: str) -> tuple[str, str] | None:
    """The id and the secret that the maker of an accounting software gave this installation."""
    return oauth_applications().get(provider)


def oauth_applications() -> dict[str, tuple[str, str]]:
    """This installation as each accounting software knows it: id and secret, by the name of the connector."""
    listed = _plain(_now().oauth_applications)
    return dict(kind.applications_in(listed)) if listed else {}


def preview_connectors() -> frozenset[str]:
    """The connectors in preview that may be connected."""
    return frozenset(filter(None, (_now().preview_connectors or "").split(",")))


def provider_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks that connectors may reach besides the public internet."""
    return tuple(map(ip_network, filter(None, (_now().provider_networks or "").split(","))))


def alert_allow_loopback() -> bool:
    """Whether alerts may be posted to this machine."""
    return _now().alert_allow_loopback


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
