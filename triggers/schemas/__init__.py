"""Models of requests and responses. They validate input, and the OpenAPI document is generated from them."""
