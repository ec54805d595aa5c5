"""Files that must agree with each other, and rules that the code must keep."""
