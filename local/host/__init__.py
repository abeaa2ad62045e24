"""A host for Azure Functions apps in Python (v2 model with Durable Functions), for development and tests.

It serves the triggers that an app registers. It runs orchestrations with the Durable SDK's own replayer and
keeps histories in SQLite. In Azure, Durable Functions is the engine. This engine follows the documented
behaviour of Durable Functions, so that an app that works here works there. docs/host.md compares the two.

    python -m local.host --app function_app:app --port 7071 --data .local/host
"""
