"""What someone chose of the options of an emulator."""

from collections.abc import Mapping

from monitr_pipelines.emulators.frame.grants import App

# The program that may ask where no other one is registered.
CLIENT_ID, CLIENT_SECRET = "emulated-app", "emulated-secret"
# Of a software on whose own page people sign in.
SIGN_IN = {
    "consent": "`automatic`: a person agrees without being asked; `ask`, by default: on a page",
    "client_id": f"the key of the app that is registered, {CLIENT_ID} by default",
    "client_secret": f"its secret, {CLIENT_SECRET} by default",
    "redirect": "where people may be sent back to; by default anywhere on this machine",
}
# Of calls that are allowed: nobody comes to the end of them.
MANY = "100000000"
MOST_DIGITS = 10


def chosen(options: Mapping[str, str], name: str, *values: str) -> str:
    """The value of an option that has a few; the first of them where it is left out.

    Raises:
        ValueError: It is none of them.
    """
    value = options.get(name, values[0])
    if value not in values:
        raise ValueError(f"{name} is {', '.join(values[:-1])} or {values[-1]}, not {value!r}.")
    return value


def number(options: Mapping[str, str], name: str, default: int) -> int:
    """A number; the default where it is left out.

    Raises:
        ValueError: It is none, or nothing.
    """
    text = options.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text)):
        raise ValueError(f"{name} is a number above nothing, not {text!r}.")
    return int(text)


def registered(options: Mapping[str, str], client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> App:
    """The program that is registered, another than the given one where the options name it."""
    redirects = (options["redirect"],) if "redirect" in options else ()
    return App(options.get("client_id", client_id), options.get("client_secret", secret), redirects)
