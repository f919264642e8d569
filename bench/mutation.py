"""Mutation score of the rules of review: how many small faults in tcm/review its tests notice.

    python -m bench.mutation [--share 1.0] [--seed 1] [--jobs 2] [--file dose_rules.py]

Every mutant changes one place of one file: a comparison, an arithmetic sign, `and` and `or`, a `not`, a
number, a text, a condition, a `continue`. A child process runs tests/tcm/review and the properties
against it; it is caught when one of them fails, or when it runs longer than TIMEOUT_S. Sentences are not
mutated (what a message says is not a rule), nor docstrings, annotations, imports. `--share` draws that
part of the mutants with the seed.

mutmut 3 leaves decorated functions alone, and every rule is one; cosmic-ray starts a process for each
mutant, which reads all tables again, and changes the files of the checkout. Here the tables are read once
and a fork is made for each mutant, which compiles the changed tree in memory.
"""

import argparse
import ast
import copy
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import io
import itertools
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

from tcm.knowledge import load

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tcm" / "review"
# What is about the file itself is asked first, the rest only where that noticed nothing.
FIRST = {
    "age_rules.py": "patients",
    "course_rules.py": "courses",
    "dose_rules.py": "doses",
    "form_rules.py": "courses",
    "herb_rules.py": "herbs",
    "insurance_rules.py": "herbs",
    "name_rules.py": "herbs",
    "patient_rules.py": "patients",
    "pattern_rules.py": "courses",
}
THEN = (("governance", "courses", "doses", "patients", "herbs"), ("pairs", "clean"))
PROPERTIES = "tests/properties/test_review_properties.py"
TIMEOUT_S = 60
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True)
class Mutant:
    """One changed place.

    Args:
        file: Name of the file in tcm/review.
        line: Where.
        what: What is changed, in words.
        node: Which node of the file, as `ast.walk` counts them.
        variant: Which of the changes of that node.
    """

    file: str
    line: int
    what: str
    node: int
    variant: int

    def tree(self) -> ast.Module:
        """The whole file with the change, made where it is needed: a thousand trees are slow to fork."""
        tree = ast.parse((PACKAGE / self.file).read_text(encoding="utf-8"))
        _apply(next(itertools.islice(ast.walk(tree), self.node, None)), self.variant)
        return ast.fix_missing_locations(tree)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of the text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over = {id(inner) for node in ast.walk(tree) for word in _words(node) for inner in ast.walk(word)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in passed_over:
            continue
        for variant, what in enumerate(_changes(copy.deepcopy(node))):
            yield Mutant(path.name, getattr(node, "lineno", 0), what, index, variant)


def _apply(node: ast.AST, variant: int) -> str:
    for number, what in enumerate(_changes(node)):
        if number == variant:
            return what
    raise IndexError(variant)


def _changes(node: ast.AST) -> Iterator[str]:
    """Change a node in place, one way after another, each told as it is done; stop when enough."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        was = node.ops[0]
        node.ops[0] = _COMPARED[type(was)]()
        yield f"{type(was).__name__} -> {type(node.ops[0]).__name__}"
    elif isinstance(node, ast.BinOp) and type(node.op) in _CALCULATED:
        was_op = node.op
        node.op = _CALCULATED[type(was_op)]()
        yield f"{type(was_op).__name__} -> {type(node.op).__name__}"
    elif isinstance(node, ast.BoolOp):
        joined = type(node.op)
        node.op = ast.Or() if joined is ast.And else ast.And()
        yield f"{joined.__name__} -> {type(node.op).__name__}"
        node.op = joined()
        for number in range(len(node.values)):
            dropped = node.values.pop(number)
            yield f"{joined.__name__} without part {number + 1}"
            node.values.insert(number, dropped)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        node.op = ast.Not()
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
        yield "Not -> nothing"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        node.value = not node.value
        yield f"{not node.value} -> {node.value}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        node.value += 1
        yield f"{node.value - 1} -> {node.value}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        was_text = node.value
        node.value = f"{was_text}?"
        yield f"{was_text!r} -> {node.value!r}"
    elif isinstance(node, ast.If | ast.IfExp):
        condition = node.test
        node.test = ast.Constant(True)
        yield "condition -> True"
        node.test = ast.Constant(False)
        yield "condition -> False"
        node.test = condition
    elif isinstance(node, ast.comprehension) and node.ifs:
        node.ifs = []
        yield "comprehension without its condition"
    elif isinstance(node, ast.For):
        for number, statement in enumerate(node.body):
            if isinstance(statement, ast.Continue | ast.Break):
                node.body[number] = ast.Pass()
                yield "continue or break -> nothing"


def _words(node: ast.AST) -> Iterator[ast.AST]:
    """Parts in which a change is no other finding: sentences, docstrings, annotations, imports."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if docstring or isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
        yield node
    elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield node.annotation
    elif isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.returns
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
        # A type with a name of its own: Severity = Literal[...].
        yield node.value
    elif isinstance(node, ast.Raise):
        yield node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "found":
            yield from node.args[2:4]
        elif node.func.id == "cast":
            yield node.args[0]
    if isinstance(node, ast.Call):
        # How a frozen value is kept in memory is not a rule.
        yield from (word for word in node.keywords if word.arg in ("slots", "frozen"))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module of tcm.review its changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.module = f"tcm.review.{mutant.file.removesuffix('.py')}"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of the changed module; None for every other."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed tree."""
        code = compile(self.mutant.tree(), str(PACKAGE / self.mutant.file), "exec")
        exec(code, module.__dict__)  # noqa: S102  the mutant is this project's own code


def run_tests(mutant: Mutant | None) -> int:
    """Run the tests in this process against a mutant, or against the code as it is.

    Returns:
        pytest's exit status: 0 when nothing failed.
    """
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    hypothesis.settings.register_profile(
        "mutation", max_examples=8, deadline=None, derandomize=True, database=None
    )
    hypothesis.settings.load_profile("mutation")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    quiet = ["-q", "-x", "--noconftest", "--assert=plain", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
    first = "governance" if mutant is None else FIRST.get(mutant.file, "governance")
    subjects = ((first,), *(tuple(name for name in stage if name != first) for stage in THEN))
    stages = [*([f"tests/tcm/review/test_{name}.py" for name in stage] for stage in subjects), [PROPERTIES]]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return next((status for stage in stages if (status := int(pytest.main([*quiet, *stage])))), 0)


def start(mutant: Mutant | None) -> int:
    """Fork a child that runs the tests; its exit status says whether they passed."""
    pid = os.fork()
    if pid == 0:
        signal.alarm(TIMEOUT_S)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)
        os.dup2(devnull, 2)
        try:
            status = run_tests(mutant)
        except BaseException:
            status = 1
        os._exit(0 if status == 0 else 1)
    return pid


def survivors_of(mutants: Sequence[Mutant], jobs: int) -> list[Mutant]:
    """The mutants that no test noticed."""
    waiting, running, survived = list(mutants)[::-1], {}, []
    done = 0
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant)] = mutant
        pid, status = os.wait()
        mutant = running.pop(pid)
        done += 1
        if os.waitstatus_to_exitcode(status) == 0:
            survived.append(mutant)
            print(f"survived  {mutant.file}:{mutant.line}  {mutant.what}", flush=True)
        if done % 25 == 0:
            print(f"          {done} of {len(mutants)}", file=sys.stderr, flush=True)
    return survived


def main() -> None:
    """Print the score of every file and the mutants that survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--file", action="append", help="only this file of tcm/review; may be repeated")
    options = parser.parse_args()
    os.chdir(ROOT)
    load()
    files = sorted(path for path in PACKAGE.glob("*.py") if path.name != "__init__.py")
    mutants = [
        mutant
        for path in files
        if not options.file or path.name in options.file
        for mutant in mutants_of(path)
    ]
    drawn = random.Random(options.seed).sample(mutants, round(options.share * len(mutants)))  # noqa: S311
    if os.waitstatus_to_exitcode(os.waitpid(start(None), 0)[1]) != 0:
        parser.error("the tests fail without any mutant")
    gc.collect()
    gc.freeze()
    started_s = time.perf_counter()
    survived = Counter(mutant.file for mutant in survivors_of(drawn, options.jobs))
    made = Counter(mutant.file for mutant in drawn)
    for file in sorted(made):
        print(f"{file:20} {made[file] - survived[file]:4} of {made[file]:4} caught")
    total, left = sum(made.values()), sum(survived.values())
    print(f"{'all':20} {total - left:4} of {total:4} caught: {(total - left) / total:.1%}")
    print(f"seed {options.seed}, share {options.share:g}, {time.perf_counter() - started_s:.0f} s")


if __name__ == "__main__":
    main()
