"""What the first visitor would wait for is loaded while nobody asks yet."""

import gc
import threading
from importlib import import_module

from crm_ai import analyses

HEAVY = ("plotly.graph_objects", "pandas", "pyarrow", "crm_ai.ui.steps", "crm_ai.ui.boards", "crm_ai.ui.shared")


def begin() -> threading.Thread:
    """Load it beside the server, which answers in the meantime."""
    thread = threading.Thread(target=_warm, daemon=True, name="warming")
    thread.start()
    return thread


def _warm() -> None:
    """Load, then take all that will stay out of the search for garbage.

    Streamlit searches after every run of a page, and holds up all others meanwhile: half of the time of a page went
    into looking at libraries, which never become garbage.
    """
    for name in HEAVY:
        import_module(name)
    for name in analyses.ALL:
        analyses.load(name)
    gc.collect()
    gc.freeze()
