"""Forecast of value, lifetime value, churn risk. Imports segmentation and below."""
