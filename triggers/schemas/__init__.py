"""What goes in and out over HTTP, as models: they validate, and the API's description is made from them."""
