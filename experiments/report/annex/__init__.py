"""How it was done, and how far it is to be trusted: the technical annex, its sign-off page and the robustness note."""
