"""The second reader: a language model compares a product's texts with its record and reports findings.

No finding is trusted unchecked: it counts only if its words are in the line, and the quoted words of the
record are in the record. `docs/verification.md` has the measurements.
"""
