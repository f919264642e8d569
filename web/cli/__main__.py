"""`python -m web.cli` is `tangye`."""

from web.cli import main

if __name__ == "__main__":
    # A search in a process of its own imports this module anew.
    main()
