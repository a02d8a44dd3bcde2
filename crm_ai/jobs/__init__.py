"""Long runs in worker processes: progress, cancel, one answer for equal recipes."""

from crm_ai.jobs.runner import Job, Runner
from crm_ai.jobs.worker import compute

__all__ = ["Job", "Runner", "compute"]
