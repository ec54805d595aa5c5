"""What scripts/bench measures, one measurement a module."""
