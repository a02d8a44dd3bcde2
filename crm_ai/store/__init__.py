"""What is kept on disk: datasets in versions, results, and work under way.

Every change is one rename, so a kill at any moment leaves what was before or what is after, never a half.
"""

from crm_ai.store.versions import Draft, Version
from crm_ai.store.workspace import Workspace

__all__ = ["Draft", "Version", "Workspace"]
