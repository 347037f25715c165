"""What happens by itself: sensors, schedules, conditions, messages; thin over the pipeline."""
