"""Where a daily head stands on the public page: by its first digits, which fit a small code."""

SHORT = 16


def head_path(head: str) -> str:
    """The page of one head.

    Args:
        head: 64 hexadecimal digits.

    Returns:
        A path; its digits are enough to find one head, the page shows them all.
    """
    return f"/ledger/heads/{head[:SHORT]}"
