"""The numbers, computed in SQL, and the lists behind them."""
