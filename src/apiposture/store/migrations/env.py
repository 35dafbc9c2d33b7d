"""How does Alembic reach the database? Over the connection that `store.history` opened, in its transaction."""

from alembic import context

from apiposture.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
