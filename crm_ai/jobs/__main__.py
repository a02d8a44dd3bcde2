"""`python -m crm_ai.jobs FOLDER ENGINE OWNER`: a worker, started by a Runner."""

import sys

from crm_ai.jobs.worker import work

work(*sys.argv[1:])
