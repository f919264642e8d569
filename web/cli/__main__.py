"""`python -m web.cli` is `tangye`."""

from web.cli import main

main()
