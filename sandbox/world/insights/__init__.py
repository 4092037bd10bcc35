"""The figures that an account's owner is shown: of each piece, of each day, and of the people behind them."""
