"""Does the core that follows pool and funding transfer to other capital cycles: its forecasts, its parameters?"""
