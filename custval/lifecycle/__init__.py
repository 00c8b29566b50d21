"""Life-cycle stages, value curve, decomposition of change, customer flow.

Imports customers, models, segmentation, valuation.
"""
