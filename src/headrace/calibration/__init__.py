"""What the past teaches about parameters: likelihoods of filed series, and samples from posteriors."""
