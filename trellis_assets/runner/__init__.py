"""Run the pipeline on this machine: Dagster's home, runs in worker processes, and the UI."""
