"""One file or two for each provider of figures: what can be asked of it, and how its answer becomes rows."""
