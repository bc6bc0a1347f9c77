#!/usr/bin/env bash
# Judges what makes the packages without making any: scripts, property lists, workflows, licences. `.ci/run` runs this.
# Needs shellcheck, and python3 with yaml; actionlint looks at the workflows too where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t scripts < <(git ls-files -co --exclude-standard 'packaging/*.sh')
for script in "${scripts[@]}"; do bash -n "$script"; done
shellcheck --external-sources "${scripts[@]}"
python3 packaging/check_workflows.py
if command -v actionlint >/dev/null; then actionlint; fi
python3 packaging/tests.py
python3 packaging/notices.py --check
