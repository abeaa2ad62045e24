"""A host for Azure Functions apps in Python (v2 model with Durable Functions), for development and tests.

It serves the triggers that an app registers and runs its orchestrations by driving the Durable SDK's own
replayer, with histories in SQLite. In Azure, Durable Functions is the engine; this one keeps to its
documented behaviour so that what passes here passes there, and makes no claim beyond that.

    python -m local.host --app function_app:app --port 7071 --data .local/host
"""
