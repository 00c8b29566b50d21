"""Evaluation of forecasts: accuracy, rolling origins, survival, comparison. Imports customers."""
