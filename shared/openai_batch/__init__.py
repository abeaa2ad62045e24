"""The way through the Azure OpenAI Batch API: request lines out, result lines in."""
