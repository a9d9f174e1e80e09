"""Charts of the report: Vega-Lite specifications drawn to inline SVG without a browser and without JavaScript."""
