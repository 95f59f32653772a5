"""A client that reads answers and does nothing with them: `python -m bench.contestants.bare_client ADDRESS`.

On its standard input are the `requests` of another client, as JSON: method, target, headers and body of each.
They are made in their order, one after the other, on one connection that is kept open.
"""

import json
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

SECONDS = 60
# 404 says of some software that there is nothing of what was asked for.
ANSWERED = frozenset({200, 404})


def main(address: str) -> None:
    """Read every answer, and print what that took."""
    requests = json.load(sys.stdin)["requests"]
    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    started, size = time.perf_counter(), 0
    for method, target, headers, body in requests:
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        size += len(answer.read())
        if answer.status not in ANSWERED:
            raise SystemExit(f"{target} was answered by {answer.status}")
    seconds = time.perf_counter() - started
    connection.close()
    sys.stdout.write(json.dumps({"seconds": seconds, "bytes": size, "requests": len(requests)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
