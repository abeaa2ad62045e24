"""The catalogue: reading its files into rows, turning rows into products, and storing these."""
