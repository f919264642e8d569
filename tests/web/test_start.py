"""What the web process loads before it serves its first page."""

import subprocess
import sys

# Solvers, learning and rarely met pictures: of the worker, of training, of single uploads.
HEAVY = ("ortools", "scipy", "sklearn", "torch", "onnx", "pi_heif", "PIL", "matplotlib", "pandas")


def test_the_web_process_starts_without_solvers_and_learners() -> None:
    told = f"import sys, web.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
