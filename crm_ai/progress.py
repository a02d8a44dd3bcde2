"""How long work tells where it stands: progress(share from 0 to 1, what it does now)."""

from collections.abc import Callable

Progress = Callable[[float, str], None]


def silent(share: float, stage: str) -> None:
    """A Progress that tells nobody."""
