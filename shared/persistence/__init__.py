"""Tables and blobs: the truth. One module a table, one codec for all, one for blobs."""
