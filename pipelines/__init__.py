"""The observatory's pipelines. Importing the package turns every tool's telemetry off."""

from pipelines.telemetry import silence

silence()
