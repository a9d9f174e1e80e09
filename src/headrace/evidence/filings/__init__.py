"""What a company's tagged filings say: a document of companyfacts in, discrete quarters and findings out."""
