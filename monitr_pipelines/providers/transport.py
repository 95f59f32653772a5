"""One request and its answer: bounded waits, a bounded size, no redirects, and whether anything was sent.

What is sent or answered is never logged or quoted: addresses may be, so credentials belong into headers
or bodies.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from monitr_pipelines.lifecycle.errors import OurFault, ReconnectNeeded
from monitr_pipelines.lifecycle.messages import Message
from monitr_pipelines.providers.retries import Patience
from monitr_pipelines.providers.watched import Watch, WatchedAdapter
from monitr_pipelines.web_address import parts_of

ONE_READ = 1 << 16


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
        self._session = requests.Session()
        # Neither proxies nor passwords of this machine's environment.
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "monitr"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, WatchedAdapter(self._watch))

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
        """
        # As the session prepares requests, without asking again and again for settings that it does not have.
        prepared = requests.PreparedRequest()
        merged = CaseInsensitiveDict(self._session.headers)
        merged.update(headers or {})
        prepared.prepare(
            method,
            self._address + path,
            headers=merged,
            params=query,
            data=form if xml is None else xml,
            json=document,
            cookies=self._session.cookies,
        )
        return prepared

    def send(self, prepared: requests.PreparedRequest) -> Reply:
        """Ask, and read the answer to its end.

        Raises:
            NoReply: None came, or not the whole of it, within the time that `patience` allows.
            OurFault: The answer is larger than `patience` allows.
        """
        patience = self._patience
        with self._watch.question() as watch:
            try:
                with self._session.send(
                    prepared,
                    timeout=(patience.connect.total_seconds(), patience.silence.total_seconds()),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    return Reply(response.status_code, response.headers, self._body(response))
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                cause = "took too long" if watch.expired else f"broke off ({type(error).__name__})"
                raise NoReply(cause, sent=watch.sent) from None

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
        self._watch.close()

    def _body(self, response: requests.Response) -> bytes:
        pieces, size = [], 0
        # read1 returns what has come, so that the end of patience is noticed between two drops.
        while piece := response.raw.read1(ONE_READ, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._patience.largest_answer:
                raise OurFault(Message("answer_too_large", {"title": self._title}))
        return b"".join(pieces)
