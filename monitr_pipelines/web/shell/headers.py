"""What every page tells the browser: run nothing but our own files, keep nothing, be in no frame."""

from types import MappingProxyType

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)
PAGE_HEADERS = MappingProxyType({**HEADERS, "cache-control": "no-store", "vary": "cookie, accept-language"})
