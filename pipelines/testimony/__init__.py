"""What survivors said in their own words: comments of the survey, coded by a person and counted.

Knows nothing of Dagster, dbt or the web. Comments never leave the landing area; what leaves the
home are counts of themes, and words that a person released one by one.
"""
