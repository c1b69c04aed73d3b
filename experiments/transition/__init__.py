"""One model becomes another under several delivery vehicles: runs, figures, tables."""
