"""Tables as Parquet, shipped and local: schemas, generations that are only added, and the one file that speaks SQL."""
