"""The Dagster side: thin assets over the nodes of :mod:`trellis_assets.pipeline`."""
