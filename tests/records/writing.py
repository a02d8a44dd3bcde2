"""A process that writes: `python -m tests.records.writing FOLDER URL SAVES`."""

import sys
from pathlib import Path

from sqlalchemy import insert, select, update

from crm_ai.records import Records, audit, now
from crm_ai.records.tables import dashboards


def main(folder: str, url: str, saves: str) -> None:
    """Read the revision, write one more, note it; say it when it is committed."""
    records = Records.open(Path(folder), url)
    query = select(dashboards.c.revision).with_for_update()
    for _ in range(int(saves)):
        with records.write() as connection:
            found = connection.execute(query).scalar()
            if found is None:
                found = _begun(connection, query)
            connection.execute(update(dashboards).values(revision=found + 1))
            audit.note(connection, "writer", "dashboard saved")
        sys.stdout.write(f"{found + 1}\n")
        sys.stdout.flush()


def _begun(connection, query) -> int:
    """The first writer makes the board; PostgreSQL lets only one of several do it."""
    row = {"id": "board", "revision": 0, "document": {}, "changed_at": now()}
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as attempt

        connection.execute(attempt(dashboards).on_conflict_do_nothing(), row)
    else:
        connection.execute(insert(dashboards), row)
    return int(connection.execute(query).scalar_one())


if __name__ == "__main__":
    main(*sys.argv[1:])
