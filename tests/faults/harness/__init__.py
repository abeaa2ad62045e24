"""Faults at every boundary between steps and inside them; what must be true at the end.

`points` names the places and the faults, `seams` puts them between the app and what it talks to, `shop`
drives the steps as orchestrations and the reconciler do, `scenarios` say what is done, `ends` what must be.
"""
