"""Life-cycle stages, value curve, decomposition of change, customer flow. Imports valuation, scorecard and below."""
