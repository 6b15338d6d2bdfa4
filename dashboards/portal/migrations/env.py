"""Alembic's entry: migrate on the connection that ``portal.tables.migrate_tables`` hands over."""

from alembic import context

from dashboards.portal.tables import VERSIONS, PortalBase

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=PortalBase.metadata,
    version_table=VERSIONS,
)
context.run_migrations()
