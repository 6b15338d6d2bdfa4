"""Statistics that SQL does not do well: survey variance, multiple systems, interrupted series.

The rule: plain tables in, plain results out. Nothing here knows where rows come from or go to, and
each method refuses, with its reason, what it cannot answer.
"""
