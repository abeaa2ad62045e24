"""The stores that products are linked to: their addresses, and whom a sale is credited to."""
