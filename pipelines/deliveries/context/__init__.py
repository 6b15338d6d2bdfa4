"""Published statistics beside national figures: never persons of the country, never pooled."""
