#!/usr/bin/env python3
"""Shows that the tests notice: makes each known mistake of tests/Mutants/mutants.txt in a scratch copy of the checkout,
and demands that at least one test fails. Takes most of an hour.

    eng/mutants.py                 every mutant
    eng/mutants.py --only NAME     this one (may be repeated)
    eng/mutants.py --check         only says which ones no longer apply

A mutant is a name, a text (-) and what it becomes (+). The text stands in exactly one place of lib, world or cli (of one
file, where the name says "in FILE"), wherever that is and however it is broken into lines. The last line is "N killed, N survived, N do not apply"; the exit code
is 0 where all were killed. A mutant that does not compile counts as survived, for no test noticed it.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "tests" / "Mutants" / "mutants.txt"
LONGEST_TEST_RUN = 600  # seconds
NAMESPACES = ["Golden", "Checkpoints", "Models", "Patching", "Techniques", "Metrics", "Sweeps", "Tokenizers", "Datasets"]
NAMESPACES += ["World", "Cli.Hub"]

# Mutants need not be pretty: an unused variable is no reason to refuse one.
BUILD = ["dotnet", "build", "tests", "-v", "quiet", "-nologo"]
BUILD += ["-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:TreatWarningsAsErrors=false"]


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str  # or nothing
    find: str
    replace: str

    def places(self, folder):
        """The files, each as often as it holds the text, with the stretch that it takes there."""
        text = re.compile(r"\s+".join(re.escape(word) for word in self.find.split()))
        files = [path for top in ("lib", "world", "cli") for path in sorted((folder / top).rglob(self.file or "*.cs"))]
        return [(path, found.span()) for path in files for found in text.finditer(path.read_text(encoding="utf-8"))]

    def apply(self, folder):
        """Makes the edit and returns what undoes it."""
        [(path, (start, end))] = self.places(folder)
        original = path.read_text(encoding="utf-8")
        path.write_text(original[:start] + self.replace + original[end:], encoding="utf-8")
        return lambda: path.write_text(original, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Demands that the tests notice every known mistake.")
    parser.add_argument("--only", action="append", metavar="NAME", help="run this mutant only; may be repeated")
    parser.add_argument("--check", action="store_true", help="run nothing; say which mutants no longer apply")
    options = parser.parse_args()
    mutants = [mutant for mutant in read_mutants() if options.only is None or mutant.name in options.only]
    unknown = set(options.only or []) - {mutant.name for mutant in mutants}
    demand(not unknown, f"there is no mutant {', '.join(sorted(unknown))}")

    able = [mutant for mutant in mutants if applies(mutant)]
    killed = 0 if options.check else run(able)
    survived = 0 if options.check else len(able) - killed
    print(f"{killed} killed, {survived} survived, {len(mutants) - len(able)} do not apply")
    return 0 if survived == 0 and len(able) == len(mutants) else 1


def read_mutants():
    mutants = []
    for block in MUTANTS.read_text(encoding="utf-8").strip().split("\n\n"):
        parts = re.fullmatch(r"([a-z0-9-]+)(?: in (\S+))?\n- (.+)\n\+ ?(.*)", block)
        demand(parts, f"expected a name (in FILE), a line '- text' and a line '+ text', got:\n{block}")
        mutants.append(Mutant(*parts.groups()))
    demand(len({mutant.name for mutant in mutants}) == len(mutants), "two mutants have one name")
    return mutants


def applies(mutant):
    places = mutant.places(ROOT)
    if len(places) != 1:
        where = ", ".join(str(path.relative_to(ROOT)) for path, _ in places) or "no file"
        print(f"GONE     {mutant.name}: expected '{mutant.find}' in one place, found it in {where}", flush=True)
    return len(places) == 1


def run(mutants):
    """How many some test notices."""
    with tempfile.TemporaryDirectory(prefix="logitscope-mutants-") as scratch:
        folder = Path(scratch)
        copy_checkout(folder)
        errors = build(folder)
        demand(not errors, f"the checkout does not build: {errors}")
        failed = first_failure(folder)
        demand(failed is None, f"a test fails without any mutant: {failed}")
        return sum(is_killed(folder, mutant) for mutant in mutants)


def copy_checkout(folder):
    """All that git tracks or would add."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def is_killed(folder, mutant):
    started = time.monotonic()
    undo = mutant.apply(folder)
    errors = build(folder)
    killer = None if errors else first_failure(folder)
    undo()

    seconds = f"{time.monotonic() - started:.0f} s"
    if errors:
        print(f"SURVIVED {mutant.name} ({seconds}): does not compile: {errors}", flush=True)
    elif killer is None:
        print(f"SURVIVED {mutant.name} ({seconds})", flush=True)
    else:
        print(f"killed   {mutant.name} ({seconds}) by {killer}", flush=True)
    return killer is not None


def build(folder):
    """The first error, or nothing."""
    result = subprocess.run(BUILD, cwd=folder, capture_output=True, text=True)
    if result.returncode == 0:
        return None
    errors = re.findall(r"error .*", result.stdout + result.stderr)
    return errors[0] if errors else f"exit code {result.returncode}"


def first_failure(folder):
    """The name of the first test that fails, or nothing. A process that dies was noticed, too."""
    tests = folder / "artifacts" / "bin" / "Logitscope.Tests" / "debug" / "Logitscope.Tests.dll"
    command = ["dotnet", str(tests), "-noColor", "-stopOnFail", "-trait-", "Tier=slow"]
    for namespace in NAMESPACES:
        command += ["-namespace", f"Logitscope.Tests.{namespace}*"]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_TEST_RUN)
    except subprocess.TimeoutExpired:
        return f"the clock: the tests did not end within {LONGEST_TEST_RUN} s"
    demand("Total: 0," not in result.stdout, "no test ran")
    failed = re.findall(r"^ +(\S.*) \[FAIL\]$", result.stdout, flags=re.MULTILINE)
    return failed[0] if failed else None if result.returncode == 0 else f"the end of its process ({result.returncode})"


def demand(holds, otherwise):
    if not holds:
        sys.exit(f"mutants: {otherwise}")


if __name__ == "__main__":
    sys.exit(main())
