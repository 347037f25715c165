"""A small renderer for the sample concept images: distance fields, traced and shaded with numpy."""
