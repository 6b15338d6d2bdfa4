"""Alembic's entry: migrate on the connection that ``participation.store.migrate`` hands over."""

from alembic import context

from pipelines.participation import box, seats  # noqa: F401  # their tables join the metadata
from pipelines.participation.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
