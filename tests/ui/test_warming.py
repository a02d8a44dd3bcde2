"""What is loaded before anybody asks."""

import gc
import sys

from crm_ai.ui import warming


def test_libraries_are_loaded_and_never_searched_for_garbage():
    try:
        warming.begin().join(120)
        assert "crm_ai.analyses.forecast" in sys.modules
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
