"""The Dagster layer, thin: one file a stage, each asset a few lines that call a domain package."""

OWNERS = ["team:data-engineering"]
