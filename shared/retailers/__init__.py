"""The stores that products are linked to: their addresses and their affiliate links."""
