"""The Azure OpenAI Batch API: request lines go out, result lines come back."""
