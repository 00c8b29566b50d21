"""Life-cycle stages, value curve, decomposition of change, customer flow, cohorts.

Imports customers, models, segmentation, valuation.
"""
