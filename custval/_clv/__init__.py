"""Lifetime value in parts: steps of time, the customers valued, what is asked of them, files."""
