"""Forecast of value, lifetime value, churn risk. Imports customers, evaluation, models, segmentation."""
