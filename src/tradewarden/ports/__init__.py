"""What the outside must offer, as Protocols without logic. Adapters implement them, services speak to them."""
