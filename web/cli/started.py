"""When a command began, the start of its interpreter included: what it promised counts from there."""

import os
import time
from pathlib import Path


def process_start() -> float:
    """When this process began, by the wall clock; now, where the system does not say."""
    try:
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text("ascii").split()[0])
        ticks = float(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.time()
    return time.time() - max(0.0, uptime - ticks)
