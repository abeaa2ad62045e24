"""How well a reader finds what is wrong in texts: a set with known lapses, readers' answers, and a count."""
