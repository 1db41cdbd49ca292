"""The composition root: the only place that knows settings and adapters and puts a desk together from them."""
