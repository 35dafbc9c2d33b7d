"""In which tables does a history stand?"""

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

entries = Table(
    "entry",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("line", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("project", "previous", name="entry_follows_one"),
)
"""The links of the chains, one chain a project. No two links follow the same one: a fork can't be written."""

bodies = Table(
    "body",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""What the links speak of, compressed, by the digest of what it was before."""
