#!/usr/bin/env python3
"""Shows that the tests notice: makes each known mistake of tests/Mutants/mutants.json in a scratch copy of the
checkout, and demands that at least one test fails.

    eng/mutants.py                 every mutant
    eng/mutants.py --only NAME     this one (may be repeated)

A mutant is an exact edit: `find` stands in `file` exactly once and becomes `replace`. The last line is
"N killed, N survived". A mutant that does not compile or crashes the tests counts as survived, for no test noticed it.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "tests" / "Mutants" / "mutants.json"
NAMESPACES = ["Golden", "Checkpoints", "Models", "Patching", "Techniques", "Metrics", "Sweeps", "Tokenizers", "Hub"]
NAMESPACES += ["Training", "Datasets", "Torch"]
LONGEST_TEST_RUN = 600  # seconds

# Mutants need not be pretty: an unused variable is no reason to refuse one.
BUILD = ["dotnet", "build", "tests", "-v", "quiet", "-nologo"]
BUILD += ["-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:TreatWarningsAsErrors=false"]


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    find: str
    replace: str

    def apply(self, folder):
        """Makes the edit and returns what undoes it."""
        path = folder / self.file
        original = path.read_text(encoding="utf-8")
        path.write_text(original.replace(self.find, self.replace), encoding="utf-8")
        return lambda: path.write_text(original, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Demands that the tests notice every known mistake.")
    parser.add_argument("--only", action="append", metavar="NAME", help="run this mutant only; may be repeated")
    mutants = chosen(read_mutants(), parser.parse_args().only)

    with tempfile.TemporaryDirectory(prefix="logitscope-mutants-") as scratch:
        folder = Path(scratch)
        copy_checkout(folder)
        demand_that_all_is_well(folder)
        killed = sum(is_killed(folder, mutant) for mutant in mutants)

    print(f"{killed} killed, {len(mutants) - killed} survived")
    return 0 if killed == len(mutants) else 1


def read_mutants():
    mutants = [Mutant(**fields) for fields in json.loads(MUTANTS.read_text(encoding="utf-8"))]
    names = [mutant.name for mutant in mutants]
    demand(len(set(names)) == len(names), "two mutants have one name")
    for mutant in mutants:
        found = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.find)
        demand(found == 1, f"mutant '{mutant.name}': expected its text once in {mutant.file}, found it {found} times")
        demand(mutant.find != mutant.replace, f"mutant '{mutant.name}' changes nothing")
    return mutants


def chosen(mutants, names):
    if names is None:
        return mutants
    known = {mutant.name: mutant for mutant in mutants}
    for name in names:
        demand(name in known, f"there is no mutant '{name}': expected one of {', '.join(known)}")
    return [known[name] for name in names]


def copy_checkout(folder):
    """All that git tracks or would add, and the native library, which it ignores."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    native = [str(path.relative_to(ROOT)) for path in (ROOT / "artifacts" / "native").glob("*")]
    demand(native, "artifacts/native is empty: run ./run.sh first, which builds the native library")
    for name in filter(None, names + native):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def demand_that_all_is_well(folder):
    errors = build(folder)
    demand(not errors, f"the checkout does not build: {errors}")
    failed = first_failure(folder)
    demand(failed is None, f"a test fails without any mutant: {failed}")


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
    """The name of the first test that fails, or nothing."""
    tests = folder / "artifacts" / "bin" / "Logitscope.Tests" / "debug" / "Logitscope.Tests.dll"
    command = ["dotnet", str(tests), "-noColor", "-stopOnFail"]
    for namespace in NAMESPACES:
        command += ["-namespace", f"Logitscope.Tests.{namespace}*"]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_TEST_RUN)
    except subprocess.TimeoutExpired:
        demand(False, f"the tests did not end within {LONGEST_TEST_RUN} s")
    failed = re.findall(r"^ +(\S.*) \[FAIL\]$", result.stdout, flags=re.MULTILINE)
    demand("Total: 0," not in result.stdout, "no test ran")
    return failed[0] if failed else None


def demand(holds, otherwise):
    if not holds:
        sys.exit(f"mutants: {otherwise}")


if __name__ == "__main__":
    sys.exit(main())
