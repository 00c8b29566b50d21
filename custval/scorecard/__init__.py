"""Scorecards: rules, scoring with reasons, card files, reviews, the store. Imports customers, segmentation."""
