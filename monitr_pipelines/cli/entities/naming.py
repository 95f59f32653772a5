"""How a command names the entity that it is about."""

from typing import Annotated

import typer

Key = Annotated[str, typer.Argument(metavar="ENTITY", help="The entity's key.")]
