#!/usr/bin/env python3
"""Judges .github/workflows: readable, actions at exact versions, no more rights than a job needs, secrets only as variables.

Usage: packaging/check_workflows.py [FILE ...]
"""

import re
import sys
from pathlib import Path

import yaml

WORKFLOWS = Path(__file__).resolve().parent.parent / ".github/workflows"


def faults(text):
    workflow = yaml.safe_load(text)
    found = []
    if workflow.get("permissions") != {"contents": "read"}:
        found.append("the workflow may do more than read, or does not say what it may do")
    for name, job in workflow["jobs"].items():
        if job.get("permissions", {}) not in ({}, {"contents": "write"}):
            found.append(f"{name} may do more than write a release")
        if "timeout-minutes" not in job and "uses" not in job:
            found.append(f"{name} has no timeout")
        for step in job.get("steps", []):
            found += faults_of_step(name, step)
    return found


def faults_of_step(job, step):
    action = step.get("uses", "")
    if action and not re.search(r"@v\d+\.\d+\.\d+$", action):
        yield f"{job} uses {action}, which is no exact version"
    # What a secret or a tag holds would be read by the shell as a part of the script.
    if "${{" in step.get("run", ""):
        yield f"{job} puts an expression into a script; hand it over in env"


def main():
    paths = [Path(name) for name in sys.argv[1:]] or sorted(WORKFLOWS.glob("*.yml"))
    found = [f"{path.name}: {fault}" for path in paths for fault in faults(path.read_text(encoding="utf-8"))]
    if not paths:
        found.append("there are no workflows")
    print("\n".join(found or [f"{len(paths)} workflows are as they should be"]))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
