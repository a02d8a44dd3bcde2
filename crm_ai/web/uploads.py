"""Which sessions may send files: Streamlit itself takes them from everybody who has a page open."""

import threading
from functools import lru_cache

MOST = 10_000


class Uploaders:
    """The sessions of this process whose visitor may upload, the latest of them."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._lock = threading.Lock()

    def let(self, session: str, may: bool) -> None:
        """Say whether a session may upload; said anew whenever its page runs."""
        with self._lock:
            self._known.pop(session, None)
            if may:
                self._known[session] = None
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]

    def may(self, session: str) -> bool:
        return session in self._known


@lru_cache
def uploaders() -> Uploaders:
    """Those of this process."""
    return Uploaders()
