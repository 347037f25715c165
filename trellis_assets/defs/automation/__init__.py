"""What happens by itself: schedules, sensors, conditions, messages."""
