"""What a variable can be, each kind with the words that tell it to whoever mistypes one."""

import base64
import json
import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

PORT = "a number from 1 to 65535"
NUMBER = "a number from 1 to 1000000"
BROKER = "redis://:password@host:port/0"
DATABASE = "postgresql://user:password@host:port/database"
WEB_ADDRESS = "an address such as https://host"
MAIL_SERVER = "smtp(s)://user:password@host:port; in the password, write %2F for /, %3F for ? and %23 for #"
EMAIL = "an e-mail address"
ORIGINS = "addresses such as https://host, separated by commas"
APPLICATIONS = 'a JSON object such as {"exact": {"id": "...", "secret": "..."}}'
NETWORKS = "networks such as 127.0.0.0/8 or 10.1.0.0/16, separated by commas"
CONNECTORS = "names of connectors such as octopus, separated by commas"
TOKENS = "tokens of 32 letters, digits, - and _ or more, separated by commas"

CONNECTOR = re.compile(r"[a-z][a-z0-9_]*")
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")


def _database(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError
    return value


def _broker(value: SecretStr) -> SecretStr:
    address = urlsplit(value.get_secret_value())
    if address.scheme not in ("redis", "rediss") or not address.hostname or address.port == 0:
        raise ValueError
    return value


def _mail_server(value: SecretStr) -> SecretStr:
    address = urlsplit(value.get_secret_value())
    if address.scheme not in ("smtp", "smtps") or not address.hostname or address.port == 0:
        raise ValueError
    if address.path.strip("/") or address.query or address.fragment:
        raise ValueError
    return value


def _fernet_keys(value: SecretStr) -> SecretStr:
    for key in value.get_secret_value().split(","):
        if len(base64.urlsafe_b64decode(key.strip())) != 32:
            raise ValueError
    return value


def _web_address(value: str) -> str:
    address = urlsplit(value)
    if address.scheme not in ("http", "https") or not address.hostname or address.port == 0:
        raise ValueError
    return value.rstrip("/")


def _origins(value: str) -> str:
    return ",".join(_origin(address.strip()) for address in value.split(","))


def _origin(value: str) -> str:
    """As a browser writes it: in small letters, without the port that the scheme implies."""
    address = urlsplit(_web_address(value))
    if address.path or address.query or address.fragment or "@" in address.netloc:
        raise ValueError
    implied = {"http": ":80", "https": ":443"}[address.scheme]
    return f"{address.scheme}://{address.netloc.lower().removesuffix(implied)}"


def _ip_address(value: str) -> str:
    return str(ip_address(value))


def _networks(value: str) -> str:
    return ",".join(str(ip_network(network.strip())) for network in value.split(","))


def _connectors(value: str) -> str:
    names = [name.strip() for name in value.split(",")]
    if not all(map(CONNECTOR.fullmatch, names)):
        raise ValueError
    return ",".join(names)


def _tokens(value: SecretStr) -> SecretStr:
    if not all(TOKEN.fullmatch(token.strip()) for token in value.get_secret_value().split(",")):
        raise ValueError
    return value


def applications_in(text: str) -> dict[str, tuple[str, str]]:
    """The id and the secret of each application, by provider; ValueError where the text is another one."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError  # noqa: TRY004 - what validators raise
    return {name: _application(pair) for name, pair in found.items()}


def _application(pair: object) -> tuple[str, str]:
    if not isinstance(pair, dict) or pair.keys() != {"id", "secret"}:
        raise ValueError
    if not all(isinstance(value, str) and value for value in pair.values()):
        raise ValueError
    return pair["id"], pair["secret"]


def _applications(value: SecretStr) -> SecretStr:
    applications_in(value.get_secret_value())
    return value


def _email(value: str) -> str:
    try:
        Address(addr_spec=value)
    except (IndexError, HeaderParseError):
        raise ValueError from None
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
MailServer = Annotated[SecretStr, AfterValidator(_mail_server)]
FernetKeys = Annotated[SecretStr, AfterValidator(_fernet_keys)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origins = Annotated[str, AfterValidator(_origins)]
Networks = Annotated[str, AfterValidator(_networks)]
IpAddress = Annotated[str, AfterValidator(_ip_address)]
Applications = Annotated[SecretStr, AfterValidator(_applications)]
Connectors = Annotated[str, AfterValidator(_connectors)]
Tokens = Annotated[SecretStr, AfterValidator(_tokens)]
Email = Annotated[str, AfterValidator(_email)]
