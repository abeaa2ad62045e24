"""Tables and blobs, which hold all state of the app. One module per table; one codec for all of them."""
