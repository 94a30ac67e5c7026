"""Runs each value that cannot work by itself and compares what Terraform says: one sentence, the one whose beginning
stands beside the value. Each sentence of the configuration has to be said at least once.

    check.py variables terraform              the variables alone, which needs no provider
    check.py conditions <terraform> <place>…  the whole root, in a copy of it

Prints what does not hold, then a count in the words of `terraform test`."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
root = here.parent.parent
kind, terraform, *where = sys.argv[1:]

# A rule's number of values follows from rules.json alone, which another test counts.
NOT_BY_VALUES = "has more than five condition values"

head, *runs = re.split(r'(?m)^(?=run ")', (here / f"{kind}.tftest.hcl").read_text())
cases = [re.fullmatch(r'(?s)run "(\w+)" \{\n(.*?)  # says: (\S+ [^\n]+)\n\}\n\s*', run) for run in runs]
if not cases or None in cases:
    sys.exit(f"A run in {kind}.tftest.hcl has no values or no sentence.")
cases = [case.groups() for case in cases] + [("what_is_right", "", None)]

said, spots = {}, set()
with tempfile.TemporaryDirectory() as copy:
    copy = pathlib.Path(copy)
    if kind == "variables":
        for path in root.glob("variables*.tf"):
            shutil.copy(path, copy)
        where = [f"-chdir={copy}"]
    else:
        # The providers are large.
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("*.tftest.hcl", "providers"), dirs_exist_ok=True)
        if (root / ".terraform" / "providers").exists():
            (copy / ".terraform" / "providers").symlink_to(root / ".terraform" / "providers")
        where = [part.replace(str(root.resolve()), str(copy)) for part in where]
    tests = copy / "refused"
    tests.mkdir()
    shutil.copy(root / "tests" / "terraform.tfvars", copy)
    # One file a run: Terraform ends a file at its first error.
    for name, body, _ in cases:
        (tests / f"{name}.tftest.hcl").write_text(f'{head}run "{name}" {{\n  command = plan\n\n{body}}}\n')
    command = [terraform, *where, "test", "-json", "-test-directory=refused"]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=copy, env={**os.environ, "TF_IN_AUTOMATION": "1"}).stdout

for line in output.splitlines():
    event = json.loads(line) if line.startswith("{") else {"type": "a warning about Terraform's own settings"}
    if event["type"] == "diagnostic" and event["diagnostic"]["severity"] == "error":
        error = event["diagnostic"]
        said.setdefault(event.get("@testrun"), []).append(error.get("detail") or error["summary"])
        spots.update(re.findall(r"validation rule at (\w+\.tf:\d+)", error.get("detail", "")))
        if "range" in error:
            spots.add(f'{error["range"]["filename"]}:{error["range"]["start"]["line"]}')
    if event["type"] == "test_run" and event["test_run"]["progress"] == "complete":
        said.setdefault(event["test_run"]["run"], [])

passed, failed = 0, []
for name, _, says in cases:
    heard = said.get(name, ["It was not run."])
    if (heard == []) if says is None else len(heard) == 1 and heard[0].startswith(says):
        passed += 1
    else:
        failed.append(f"{name}:\n  is        {heard}\n  should be {says}")

# The place of a validation is its block, that of a condition its first line.
blocks = {"variables": (["variables*.tf"], ["validation"], 0), "conditions": (["*.tf", "modules/*/*.tf"], ["precondition", "postcondition"], 1)}
files, names, offset = blocks[kind]
for path in sorted(path for pattern in files for path in root.glob(pattern)):
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip().removesuffix(" {") in names and NOT_BY_VALUES not in "".join(lines[number : number + 3]):
            if f"{path.relative_to(root)}:{number + offset}" in spots:
                passed += 1
            else:
                failed.append(f"{path.relative_to(root)}:{number}: nothing in {kind}.tftest.hcl is refused by this")

for what in failed:
    print(what)
print(f"{'Failure' if failed else 'Success'}! {passed} passed, {len(failed)} failed.")
sys.exit(1 if failed else 0)
