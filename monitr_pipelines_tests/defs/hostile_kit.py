"""A page of another site that tries to command Dagster in every way that a browser offers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from process_kit import LONGEST_WAIT

# Each is a function of the address of GraphQL and of a mutation as text.
TRIES = {
    "an image": "new Image().src = `${url}?query=${encodeURIComponent(query)}`;",
    "a script": """
        const script = document.createElement("script");
        script.src = `${url}?query=${encodeURIComponent(query)}`;
        document.body.append(script);
    """,
    "a frame": """
        const frame = document.createElement("iframe");
        frame.src = `${url}?query=${encodeURIComponent(query)}`;
        document.body.append(frame);
    """,
    "a window": "window.open(`${url}?query=${encodeURIComponent(query)}`);",
    "a form": 'form("application/x-www-form-urlencoded");',
    "a form of files": 'form("multipart/form-data");',
    "a form of plain text": 'form("text/plain");',
    "plain text": """
        fetch(url, { method: "POST", mode: "no-cors", credentials: "include",
          headers: { "content-type": "text/plain;application/json" }, body: JSON.stringify({ query }) });
    """,
    "a query in the address": """
        fetch(`${url}?query=${encodeURIComponent(query)}`,
          { method: "POST", mode: "no-cors", credentials: "include" });
    """,
    "a beacon": """
        navigator.sendBeacon(url, new Blob([JSON.stringify({ query })], { type: "text/plain" }));
    """,
    "json": """
        fetch(url, { method: "POST", credentials: "include",
          headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) });
    """,
    "a worker": """
        const source = `fetch(${JSON.stringify(url)}, { method: "POST", mode: "no-cors",
          headers: { "content-type": "text/plain;application/json" },
          body: ${JSON.stringify(JSON.stringify({ query }))} })`;
        new Worker(URL.createObjectURL(new Blob([source])));
    """,
    "a socket": """
        const socket = new WebSocket(url.replace("http", "ws"), "graphql-ws");
        socket.onopen = () => {
          window.opened = true;
          socket.send(JSON.stringify({ type: "connection_init" }));
          socket.send(JSON.stringify({ type: "start", id: "1", payload: { query } }));
        };
    """,
}
FORM = """
    const form = (kind) => {
      const made = document.createElement("form");
      Object.assign(made, { method: "POST", enctype: kind, target: "_blank",
        action: `${url}?query=${encodeURIComponent(query)}` });
      const field = document.createElement("input");
      Object.assign(field, { name: "query", value: query });
      made.append(field);
      document.body.append(made);
      made.submit();
    };
"""


def page(url: str, mutations: dict[str, str]) -> str:
    """Tries every way; `mutations` are the mutation that each way sends."""
    tries = "".join(
        f"{{ const url = {json.dumps(url)}, query = {json.dumps(mutations[way])}; {FORM} {code} }}\n"
        for way, code in TRIES.items()
    )
    return f"<!doctype html><body><script>{tries}</script>"


@contextmanager
def serving(html: str) -> Iterator[int]:
    """The port on which every path is that page, on all names of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(LONGEST_WAIT)
        server.server_close()


def address(url: str, query: str) -> str:
    """Where a mutation is sent by opening an address."""
    return f"{url}?query={quote(query)}"
