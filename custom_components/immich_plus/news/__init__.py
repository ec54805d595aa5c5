"""What happened in a library: found out, told once, remembered over restarts."""
