"""What starts by itself: sensors and schedules, each thin over a decision of the pipeline."""
