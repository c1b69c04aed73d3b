"""The command line of Demandflow: `.venv/bin/python run.py --help`."""

import sys

if __name__ == "__main__":
    try:
        from experiments.cli import main

        sys.exit(main(sys.argv[1:], ends_process=True))
    except ModuleNotFoundError as missing:
        print(
            f"The Python package '{missing.name}' is missing. Run `make setup` once, then use "
            "`.venv/bin/python run.py …`.",
            file=sys.stderr,
        )
        sys.exit(2)
