"""The second reader: a language model compares a product's texts with its record and reports findings.

Nothing that it says is believed unseen: a finding counts only if its words stand in the line, and the words
of the record in the record. `docs/verification.md` has the measurements.
"""
