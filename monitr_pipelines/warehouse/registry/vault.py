"""Secrets at rest: encrypted with keys that are not in the database.

`MONITR_SECRET_KEYS` holds Fernet keys, comma-separated, the newest first: the first encrypts, all
decrypt, so that a key is rotated by putting a new one in front. Without it a key is made once, in a
file of MONITR_HOME that only its owner can read; there it is rotated in the same way, a key a line.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from monitr_pipelines import settings
from monitr_pipelines.lifecycle.errors import OurFault
from monitr_pipelines.lifecycle.messages import Message

KEY_FILE = "secret.key"


def encrypt(secret: str) -> bytes:
    """A secret as it is stored."""
    return _keys().encrypt(secret.encode())


def decrypt(stored: bytes) -> str:
    """A stored secret; OurFault where no key that we have opens it."""
    try:
        return _keys().decrypt(stored).decode()
    except InvalidToken:
        raise OurFault(
            Message("secret_unreadable"), code="vault", detail="no key of MONITR_SECRET_KEYS fits"
        ) from None


def _keys() -> MultiFernet:
    try:
        keys = settings.secret_keys() or _key_of_home()
        return MultiFernet([Fernet(key) for key in keys.replace(",", " ").split()])
    except settings.BadSetting as wrong:
        raise OurFault(Message("secrets_unstorable"), code="vault", detail=str(wrong)) from None
    except ValueError:
        raise OurFault(
            Message("secrets_unstorable"), code="vault", detail=f"{KEY_FILE} must hold Fernet keys"
        ) from None


def _key_of_home() -> str:
    file = settings.home() / KEY_FILE
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(Fernet.generate_key().decode())
        _keep_first(draft, file)
    return file.read_text()


def _keep_first(draft: Path, file: Path) -> None:
    """Of two processes that make a key at once, both use the first one."""
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
