"""The pipeline without Dagster: nodes, fingerprints, records, plans."""
