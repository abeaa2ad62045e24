"""What the model is asked to write, how it is asked, and the document that is made of its answers."""
