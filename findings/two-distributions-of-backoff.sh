#!/usr/bin/env bash
# A Singer tap beside Dagster changes Dagster's `backoff`, and removing the tap takes it away; pip reports neither.
#
# singer-sdk needs `python-backoff`, and gql, which dagster-graphql and so Dagster's webserver need, `backoff`. They
# are two projects whose wheels hold the same package `backoff`. One would expect pip to refuse the second, or
# `pip check` (https://pip.pypa.io/en/stable/cli/pip_check/) to tell of it: names differ, so both are installed,
# the files of whichever comes last stand in the folder, and metadata still names the other version. When one of
# them is uninstalled, the package of both is gone, and `pip check` goes on saying that nothing is broken.
#
# Seen with pip 24.3.1, singer-sdk 0.54.9, gql 4.0.0, backoff 2.2.1, python-backoff 2.3.1, Python 3.11:
#   with both:                "No broken requirements found.", and files of python-backoff in use
#   without python-backoff:   "No broken requirements found.", `import backoff` fails, and so does gql's client
# Worked around in monitr_pipelines_tests/conformance/singer: singer-sdk has an environment of its own.
# It takes about twenty seconds. Exit code 0: as seen; 1: it has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --disable-pip-version-check "$@"; }
python() { "$folder/venv/bin/python" "$@"; }
used() { python -c 'import backoff; print("importable")' 2>/dev/null || echo "missing"; }
client() { python -c 'import gql.client; print("importable")' 2>/dev/null || echo "missing"; }

pip install --quiet pip==24.3.1
pip install --quiet 'gql[requests]==4.0.0' backoff==2.2.1
before=$(sha256sum "$folder"/venv/lib/python3*/site-packages/backoff/_sync.py | cut -d' ' -f1)
pip install --quiet python-backoff==2.3.1
after=$(sha256sum "$folder"/venv/lib/python3*/site-packages/backoff/_sync.py | cut -d' ' -f1)
both=$(pip check)
listed=$(python -c 'from importlib.metadata import version; print(version("backoff"), version("python-backoff"))')
pip install --quiet --no-deps --target "$folder/sdk" singer-sdk==0.54.9
needs=$(sed -n 's/^Requires-Dist: \(python-backoff\).*/\1/p' "$folder"/sdk/singer_sdk-0.54.9.dist-info/METADATA)
pip uninstall --quiet --yes python-backoff
without=$(pip check)

echo "pip 24.3.1, gql 4.0.0, $(python --version)"
echo "singer-sdk 0.54.9 needs: ${needs:-another one}"
echo "both installed ($listed): pip check says: $both"
[ "$before" = "$after" ] && replaced=no || replaced=yes
echo "files of backoff replaced by python-backoff: $replaced"
echo "python-backoff uninstalled: pip check says: $without"
echo "backoff is $(used), gql's client is $(client)"

[ "$needs" = python-backoff ] || { echo "changed: singer-sdk no longer needs it"; exit 1; }
[ "$both" = "No broken requirements found." ] || { echo "changed: pip check tells of the two"; exit 1; }
[ "$replaced" = yes ] || { echo "changed: the second one replaces nothing"; exit 1; }
[ "$without" = "No broken requirements found." ] || { echo "changed: pip check notices what is gone"; exit 1; }
[ "$(used)" = missing ] || { echo "changed: backoff is still there"; exit 1; }
