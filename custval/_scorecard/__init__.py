"""What Scorecard is made of: rules, indicators, files, the compiled card, the explanation."""
