"""What is relief worth? What binds and what follows, what more of a layer is worth, and where money must go."""
