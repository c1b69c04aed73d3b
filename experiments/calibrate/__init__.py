"""Your own council: a shipped model with your own figures in it, read from your file on your machine."""
