"""Do intervals hold the truth as often as they say? Thousands of seeds through the estimators."""
