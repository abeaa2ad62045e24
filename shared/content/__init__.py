"""The content of products: prompts, the schema of the answers, their checks, and the content document."""
