"""One frozen Settings, read from the environment (CRM_AI_*)."""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """How this installation runs.

    Attributes:
        workspace: folder that keeps datasets and results.
        engine: URL of the query engine, see ``crm_ai.data.engine``.
        workers: worker processes for long runs.
        memory_limit: of the query engine, as DuckDB writes it ("2GB").
        spill: folder for what does not fit into memory; "" takes the system's for temporary files.
        language: "en", "zh" or "" (the browser decides).
        records: URL of the database for people, dashboards and links; "" is SQLite in the workspace.
        address: where people reach this installation ("https://crm.example.com"), for links in e-mails; "" is unknown.
        smtp: server for e-mails, "smtp://user:password@host:587" or "smtps://..."; "" sends none.
        sender: e-mail address reports come from.
        open: whether visitors from other machines may do everything although nobody has to sign in.
    """

    workspace: Path = Path("workspace")
    engine: str = "duckdb://"
    workers: int = 2
    memory_limit: str = "4GB"
    spill: str = ""
    language: str = ""
    records: str = field(default="", repr=False)
    address: str = ""
    smtp: str = field(default="", repr=False)
    sender: str = ""
    open: bool = False


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    default = Settings()
    return Settings(
        workspace=Path(os.environ.get("CRM_AI_WORKSPACE", default.workspace)).absolute(),
        engine=os.environ.get("CRM_AI_ENGINE", default.engine),
        workers=int(os.environ.get("CRM_AI_WORKERS", default.workers)),
        memory_limit=os.environ.get("CRM_AI_MEMORY_LIMIT", default.memory_limit),
        spill=os.environ.get("CRM_AI_SPILL", default.spill),
        language=os.environ.get("CRM_AI_LANGUAGE", default.language),
        records=os.environ.get("CRM_AI_RECORDS", default.records),
        address=os.environ.get("CRM_AI_ADDRESS", default.address).rstrip("/"),
        smtp=os.environ.get("CRM_AI_SMTP", default.smtp),
        sender=os.environ.get("CRM_AI_SENDER", default.sender),
        open=os.environ.get("CRM_AI_OPEN", "") == "1",
    )
