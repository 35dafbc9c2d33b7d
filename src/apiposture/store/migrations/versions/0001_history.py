"""The chains and their bodies, to which rows can be added and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TABLES = {"entry": "project = NEW.project AND number = NEW.number", "body": "digest = NEW.digest"}
"""The tables, and when a row is there already: SQLite's REPLACE would take it away without asking the other triggers."""


def upgrade() -> None:
    """Make the tables, and have the database itself refuse changes."""
    op.create_table(
        "entry",
        sa.Column("project", sa.String(200), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.UniqueConstraint("project", "previous", name="entry_follows_one"),
    )
    op.create_table("body", sa.Column("digest", sa.String(64), primary_key=True), sa.Column("data", sa.LargeBinary, nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION apiposture_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$"
        )
        for table in _TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION apiposture_append_only()"
            )
    else:
        for table, key in _TABLES.items():
            op.execute(
                f"CREATE TRIGGER {table}_no_replacement BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) "
                "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
            )
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
                )


def downgrade() -> None:
    """There is no way back: a history is not thrown away by a tool."""
    raise NotImplementedError
