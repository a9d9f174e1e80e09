"""One question a file. Reading analyses take a Dataset, history or future; none runs a simulation by itself."""
