"""The nodes, a file for each domain."""
