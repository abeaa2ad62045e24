"""The command line.

`run_batch_processing` and `test_azure_openai_batch` are clients of the HTTP API and import nothing of the
app. `doctor` checks a configuration before an app runs. It and `scripts.checks` therefore use the app's own
code for settings, storage and Azure OpenAI (`shared`), and the local host's reader of schedules. Contracts of
import-linter in pyproject.toml enforce this.
"""
