"""Registers the activities. What each one does is in `shared`.

Every activity is idempotent. It takes and returns references (ids, slugs, counts), never content.
"""
