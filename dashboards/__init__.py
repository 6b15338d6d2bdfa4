"""Pages for people: they read signed folders and the review store, never the warehouse."""
