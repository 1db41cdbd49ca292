"""The risk gate: every check, the sizing, and the verdict that an order needs."""
