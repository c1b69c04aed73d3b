"""The same few figures of a result in plain words: a short summary, an easy-read page and a moving picture."""
