"""One request and its answer: bounded waits, a bounded size, no redirects, and whether anything was sent.

What is sent or answered is never logged or quoted: addresses may be, so credentials belong into headers
or bodies.
"""

import re
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

import requests
import urllib3
from requests.cookies import extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import BaseHTTPResponse

from monitr_pipelines.lifecycle.errors import OurFault, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.retries import Patience
from monitr_pipelines.providers.watched import Watch, WatchedAdapter
from monitr_pipelines.web_address import parts_of

ONE_READ = 1 << 16
ONCE = urllib3.Retry(False, redirect=False)  # noqa: FBT003 - as the library has it
SET_COOKIE = "Set-Cookie"
DEFAULTS = {**requests.utils.default_headers(), "User-Agent": "monitr"}
# What follows an address and is sent as it stands: nothing in it has to be encoded.
AS_IT_STANDS = re.compile(r"/[A-Za-z0-9/._~?&=%+$'(),-]*+").fullmatch
# Python's own refusal of another header would quote it, and with it a credential.
SENDABLE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*+").fullmatch


@dataclass(frozen=True)
class Reply:
    """An answer with any status, its body unread by anyone yet."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class NoReply(Exception):
    """No whole answer came. `sent`: whether a byte of the question may have reached the server."""

    def __init__(self, cause: str, *, sent: bool) -> None:
        super().__init__(cause)
        self.sent = sent


class Transport:
    """A connection to one server.

    Args:
        title: The software as messages name it.
        address: Where it is: https, or plain http on this machine.
        patience: How long to wait, and for how much.

    Raises:
        ReconnectNeeded: The address is none that credentials may travel to.
    """

    def __init__(self, title: str, address: str, patience: Patience) -> None:
        try:
            parts_of(address)
        except ValueError:
            raise ReconnectNeeded(Message("software_address", {"title": title})) from None
        self._title = title
        self._address = address.rstrip("/")
        self._patience = patience
        self._watch = Watch(patience.whole_answer)
        # What it says of cookies and certificates holds; it sends nothing itself, so neither proxies
        # nor passwords of this machine's environment are looked for.
        self._session = requests.Session()
        self._adapter = WatchedAdapter(self._watch)
        self._timeout = urllib3.Timeout(
            connect=patience.connect.total_seconds(), read=patience.silence.total_seconds()
        )

    @property
    def under_way(self) -> threading.Event:
        """Set whenever a question has left."""
        return self._watch.under_way

    def prepare(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        document: Any = None,  # noqa: ANN401 - whatever JSON can say
        xml: bytes | None = None,
    ) -> requests.PreparedRequest:
        """A request that can be sent more than once.

        `form` is encoded as forms are, `document` as JSON; `xml` is sent as it is.

        Raises:
            ReconnectNeeded: A header, and so a credential, has a character that no request can carry.
        """
        # As the session prepares requests, without working out again what is the same for all of them.
        prepared = requests.PreparedRequest()
        prepared.method = method
        target = f"{path}?{urlencode(query)}" if query else path
        if AS_IT_STANDS(target):
            prepared.url = self._root + target
        else:
            prepared.prepare_url(self._address + path, query)
        prepared.headers = CaseInsensitiveDict({**DEFAULTS, **self._sendable(headers or {})})
        if self._session.cookies:
            prepared.prepare_cookies(self._session.cookies)
        prepared.prepare_body(form if xml is None else xml, None, document)
        return prepared

    def send(self, prepared: requests.PreparedRequest) -> Reply:
        """Ask, and read the answer to its end.

        Raises:
            NoReply: None came, or not the whole of it, within the time that `patience` allows.
            OurFault: The answer is larger than `patience` allows.
        """
        with self._watch.question() as watch:
            try:
                with closing(self._begun(prepared)) as response:
                    return Reply(response.status, response.headers, self._body(response))
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                cause = "took too long" if watch.expired else f"broke off ({type(error).__name__})"
                raise NoReply(cause, sent=watch.sent) from None

    def close(self) -> None:
        """Let go of the connection."""
        self._adapter.close()
        self._watch.close()

    @cached_property
    def _root(self) -> str:
        """The address as it is sent."""
        prepared = requests.PreparedRequest()
        prepared.prepare_url(self._address, None)
        return str(prepared.url).rstrip("/")

    @cached_property
    def _pool(self) -> HTTPConnectionPool:
        """The connection, which is kept; certificates are looked at as `requests` has it."""
        verify, anything = self._session.verify, self.prepare("GET", "/")
        pool = self._adapter.get_connection_with_tls_context(anything, verify)
        self._adapter.cert_verify(pool, self._root, verify, None)  # type: ignore[no-untyped-call]
        return cast(HTTPConnectionPool, pool)  # those of TLS are of this kind too

    def _begun(self, prepared: requests.PreparedRequest) -> BaseHTTPResponse:
        """An answer whose body is still to be read.

        A session would look for proxies, redirects and hooks, all of which there are none, at every question.
        """
        response = self._pool.urlopen(
            str(prepared.method),
            prepared.path_url,
            body=prepared.body,
            headers=prepared.headers,
            retries=ONCE,
            redirect=False,
            assert_same_host=False,
            timeout=self._timeout,
            preload_content=False,
            decode_content=False,
        )
        if SET_COOKIE in response.headers:
            extract_cookies_to_jar(self._session.cookies, prepared, response)  # type: ignore[no-untyped-call]
        return response

    def _sendable(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in headers.items():
            if not SENDABLE(value):
                refuses = Message("software_refuses", {"title": self._title})
                raise ReconnectNeeded(refuses, detail=f"{name} has a character that no request can carry")
        return headers

    def _body(self, response: BaseHTTPResponse) -> bytes:
        pieces, size = [], 0
        # read1 returns what has come, so that the end of patience is noticed between two drops.
        while piece := response.read1(ONE_READ, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._patience.largest_answer:
                raise OurFault(Message("answer_too_large", {"title": self._title}))
        return b"".join(pieces)
