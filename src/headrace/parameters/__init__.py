"""Every number the equations use: schema, registry and priors. Numbers live in ``data/parameters``, none here."""
