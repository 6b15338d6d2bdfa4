"""Demonstration deliveries about people who do not exist, and the truth about them."""

from pipelines.synthetic.parameters import Scenario
from pipelines.synthetic.synthesize import synthesize
from pipelines.synthetic.truth import Truth

__all__ = ["Scenario", "Truth", "synthesize"]
