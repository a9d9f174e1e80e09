"""What is relief worth? What binds and what follows, what more of each layer would be worth, and where money must go."""
