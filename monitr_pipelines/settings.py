"""Every variable that people set, `MONITR_...`: what it means, what it must be, what counts without it.

The environment is read whenever a setting is asked for. A wrong value stops what needs it, and at its
start every process that calls `check`; the error names the variable, and never the value of a secret.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from monitr_pipelines import setting_kinds as kind
from monitr_pipelines.shipped import CHECKOUT

PREFIX = "MONITR_"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})

MEGABYTE = 1024 * 1024

# Set by `monitr up` for its own processes, and by nobody else.
LIFELINE = "LIFELINE_OF_MONITR"


class BadSetting(Exception):
    """A variable whose value cannot be; the message names it."""


def _setting(meaning: str, must_be: str, default: object = None, *, otherwise: str = "") -> Any:  # noqa: ANN401
    """A field; `otherwise` says in words what counts where there is no default."""
    return Field(default, description=meaning, json_schema_extra={"must be": must_be, "otherwise": otherwise})


class Settings(BaseSettings):
    """The variables as they are now; reading one whose value is wrong raises BadSetting."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True)

    home: Path | None = _setting(
        "folder of everything local",
        "a folder",
        otherwise="`.monitr` in the checkout; installed without one, `monitr` in the user's data folder",
    )
    spool_dir: Path | None = _setting(
        "folder of the pages that are fetched before they are loaded",
        "a folder",
        otherwise="`spool` in `MONITR_HOME`",
    )
    spool_limit_mb: kind.Number = _setting("most megabytes that this folder may hold", kind.NUMBER, 10_000)
    database_url: kind.DatabaseUrl | None = _setting(
        "PostgreSQL 17 or newer to use instead of the embedded one; the role that imports", kind.DATABASE
    )
    owner_database_url: kind.DatabaseUrl | None = _setting(
        "the same, as the role that owns the tables, for `monitr migrate`",
        kind.DATABASE,
        otherwise="`MONITR_DATABASE_URL`",
    )
    web_database_url: kind.DatabaseUrl | None = _setting(
        "the same, as the role of the web process",
        kind.DATABASE,
        otherwise="`MONITR_DATABASE_URL`, restricted",
    )
    backup_database_url: kind.DatabaseUrl | None = _setting(
        "the same, as the role of back-ups", kind.DATABASE, otherwise="that of the owner"
    )
    dagster_database_url: kind.DatabaseUrl | None = _setting(
        "where Dagster keeps its records", kind.DATABASE, otherwise="database `dagster` beside the books"
    )
    dagster_port: kind.Port = _setting("port of the Dagster UI", kind.PORT, 3000)
    dagster_bind: kind.IpAddress = _setting(
        "address that the Dagster UI listens on; another than loopback needs `MONITR_OPERATOR_TOKENS`",
        "an IP address",
        "127.0.0.1",
    )
    dagster_origins: kind.Origins | None = _setting(
        "where else people open the Dagster UI, such as a proxy's address; needs `MONITR_OPERATOR_TOKENS`",
        kind.ORIGINS,
    )
    operator_tokens: kind.Tokens | None = _setting(
        "with which operators sign in to the Dagster UI, one each",
        kind.TOKENS,
        otherwise="nobody has to sign in",
    )
    dagster_url: kind.WebAddress | None = _setting(
        "where the reconciler reaches the webserver", kind.WEB_ADDRESS, otherwise="that port"
    )
    hook_port: kind.Port = _setting("loopback port of web hook and page", kind.PORT, 8000)
    public_url: kind.WebAddress | None = _setting(
        "address at which people reach the page", kind.WEB_ADDRESS, otherwise="that port"
    )
    hook_requests_per_minute: kind.Number = _setting(
        "how often a key of the web hook may ask", kind.NUMBER, 6000
    )
    hook_key: SecretStr | None = _setting("the key for `monitr hook-key sign`", "a key of the web hook")
    upload_limit_mb: kind.Number = _setting("largest file on the page", kind.NUMBER, 200)
    import_memory_mb: kind.Number = _setting(
        "most megabytes of memory that loading the books of an import may take; a file that takes more is "
        "refused",
        kind.NUMBER,
        2_000,
    )
    secret_keys: kind.FernetKeys | None = _setting(
        "keys that encrypt secrets, the newest first",
        "Fernet keys, separated by commas",
        otherwise="`secret.key` in `MONITR_HOME`",
    )
    billing: Literal["table", "stripe"] = _setting(
        "where the subscriptions are read", "table or stripe", "table"
    )
    billing_seconds: kind.Number = _setting("pause between two looks at subscriptions", kind.NUMBER, 30)
    billing_portal_url: kind.WebAddress | None = _setting(
        "where customers see to their subscription, such as Stripe's customer portal",
        kind.WEB_ADDRESS,
        otherwise="the Billing page tells whom to ask",
    )
    stripe_key: SecretStr | None = _setting("key that may read subscriptions", "a key of Stripe")
    stripe_address: kind.WebAddress | None = _setting(
        "another server than Stripe's, to try it", kind.WEB_ADDRESS
    )
    smtp_url: kind.MailServer | None = _setting("mail server", kind.MAIL_SERVER)
    alert_from: kind.Email | None = _setting("sender of alerts", kind.EMAIL)
    operations_email: kind.Email | None = _setting("who is told where operations must act", kind.EMAIL)
    alert_allow_loopback: bool = _setting(
        "`1`: alerts may be posted to this machine", "1 or 0", default=False, otherwise="0"
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _keep_wrong(cls, value: object, validate: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:  # noqa: ANN401
        """A wrong value is raised where it is read, so that it stops nothing else."""
        try:
            return validate(value)
        except ValidationError:
            return _wrong(str(info.field_name), value)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401
        """The value of a setting; raises BadSetting where it is wrong."""
        value = super().__getattribute__(name)
        if isinstance(value, BadSetting):
            raise value
        return value


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _wrong(field: str, value: object) -> BadSetting:
    setting = Settings.model_fields[field]
    quoted = "" if "SecretStr" in str(setting.annotation) else f", not {value!r}"
    return BadSetting(f"{_variable(field)} must be {_words(field, 'must be')}{quoted}.")


def _words(field: str, about: str) -> str:
    extra = Settings.model_fields[field].json_schema_extra
    return str(extra[about]) if isinstance(extra, dict) else ""


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
        default = _words(field, "otherwise") or ("" if setting.default is None else str(setting.default))
        yield _variable(field), str(setting.description), _words(field, "must be"), default


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
    """The loopback port of the web hook and the Entities page."""
    return _now().hook_port


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


def alert_allow_loopback() -> bool:
    """Whether alerts may be posted to this machine."""
    return _now().alert_allow_loopback


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
