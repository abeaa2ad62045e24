"""Reading catalogue files: from bytes to rows, and from rows to products."""
