"""The table of variables `MONITR_...`: what each means, what it must be, what counts without it."""

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

PREFIX = "MONITR_"


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
    pooled_database_url: kind.DatabaseUrl | None = _setting(
        "the books through a pooler in transaction mode, for whatever needs no session of its own",
        kind.DATABASE,
        otherwise="`MONITR_DATABASE_URL`",
    )
    pooled_dagster_database_url: kind.DatabaseUrl | None = _setting(
        "Dagster's records through a pooler in transaction mode",
        kind.DATABASE,
        otherwise="`MONITR_DAGSTER_DATABASE_URL`",
    )
    broker_url: kind.BrokerUrl | None = _setting(
        "Redis, through which workers (`monitr worker`) are given imports",
        kind.BROKER,
        otherwise="imports run beside Dagster, without workers",
    )
    cluster_bind: kind.IpAddress = _setting(
        "address that the Redis and the pooler of `monitr up --workers` listen on",
        "an IP address",
        "127.0.0.1",
    )
    broker_port: kind.Port = _setting("port of that Redis", kind.PORT, 6390)
    pooler_port: kind.Port = _setting("port of that pooler", kind.PORT, 6490)
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
    hook_port: kind.Port = _setting("port of web hook and page", kind.PORT, 8000)
    hook_bind: kind.IpAddress = _setting(
        "address that web hook and page listen on; another than loopback where a proxy with TLS stands "
        "before it on a network of its own",
        "an IP address",
        "127.0.0.1",
    )
    public_url: kind.WebAddress | None = _setting(
        "address at which people reach the page", kind.WEB_ADDRESS, otherwise="that port"
    )
    hook_requests_per_minute: kind.Number = _setting(
        "how often a key of the web hook may ask", kind.NUMBER, 6000
    )
    hook_key: SecretStr | None = _setting("the key for `monitr hook-key sign`", "a key of the web hook")
    upload_limit_mb: kind.Number = _setting("largest upload on the page", kind.NUMBER, 200)
    import_memory_mb: kind.Number = _setting(
        "most megabytes of memory that loading the books of an import may take; a file that takes more is "
        "refused",
        kind.NUMBER,
        2_000,
    )
    run_days: kind.Number = _setting(
        "days for which Dagster keeps a run and its events after its end; the import that it was stays",
        kind.NUMBER,
        30,
    )
    history_days: kind.Number = _setting(
        "days for which every import stays in the history of an entity; of older ones those that say more "
        "than the one before them stay",
        kind.NUMBER,
        90,
    )
    connection_imports: kind.Number = _setting(
        "most imports through one connection to an accounting software that are under way at once, over all "
        "workers",
        kind.NUMBER,
        6,
    )
    provider_imports: kind.Number = _setting(
        "the same of one accounting software, over all connections", kind.NUMBER, 20
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
    oauth_applications: kind.Applications | None = _setting(
        "this installation as accounting software knows it, by the name of the connector: the id and the "
        "secret that its maker gave out; connecting on the software's own page needs it",
        kind.APPLICATIONS,
    )
    preview_connectors: kind.Connectors | None = _setting(
        "connectors in preview that may be connected, though they are not yet checked against the package",
        kind.CONNECTORS,
        otherwise="none",
    )
    provider_networks: kind.Networks | None = _setting(
        "networks where connectors may reach accounting software, besides the public internet: this "
        "machine to try one, or that of a server of your own",
        kind.NETWORKS,
        otherwise="none",
    )
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


def name_of(field: str) -> str:
    """The variable of a field."""
    return PREFIX + field.upper()


def _wrong(field: str, value: object) -> BadSetting:
    setting = Settings.model_fields[field]
    quoted = "" if "SecretStr" in str(setting.annotation) else f", not {value!r}"
    return BadSetting(f"{name_of(field)} must be {words(field, 'must be')}{quoted}.")


def words(field: str, about: str) -> str:
    """What a field must be, or what counts otherwise, in words."""
    extra = Settings.model_fields[field].json_schema_extra
    return str(extra[about]) if isinstance(extra, dict) else ""
