#!/usr/bin/env bash
# Build the Dockerfile without a container engine, on a stand-in for the official image, and look inside.
#
#   sudo scripts/image.sh [folder]     needs root, and Debian's packages buildah and debootstrap; takes some minutes
#
# The stand-in is Debian with its own Python and the official image's user, home and name; what the official image
# has beside that (its Python, its providers and their pins) is not checked by this.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
base=$(sed -n 's/^FROM //p' "$here/Dockerfile")
pip_conf=$work/pip.conf
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$pip_conf"

b() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }
inside() { b run --isolation chroot "$container" -- "$@"; }

if [ ! -d "$work/base" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$work/base" >"$work/debootstrap.log"
  cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/"
  chroot "$work/base" useradd --uid 50000 --gid 0 --create-home airflow
  mkdir -p "$work/base/opt/airflow"
  chroot "$work/base" python3 -m venv /home/airflow/.venv
  chroot "$work/base" chown -R 50000:0 /home/airflow /opt/airflow
fi
scratch=$(b from scratch)
cp -a "$work/base/." "$(b mount "$scratch")/"
b config --user 50000 --workingdir /opt/airflow --env AIRFLOW_HOME=/opt/airflow \
  --env PATH=/home/airflow/.venv/bin:/usr/local/bin:/usr/bin:/bin "$scratch"
b commit --quiet --rm "$scratch" "docker.io/$base" >/dev/null

b build --isolation chroot --pull-never --volume "$pip_conf:/etc/pip.conf:ro" --tag kiwoom-airflow "$here" >"$work/build.log"
container=$(b from --pull-never localhost/kiwoom-airflow)

echo "user: $(inside id -u):$(inside id -g)"
test "$(inside id -u)" != 0
echo "packages: $(inside pip check)"
inside env AIRFLOW__CORE__LOAD_EXAMPLES=False bash -c '
  airflow db migrate && airflow dags reserialize' >"$work/airflow.log" 2>&1
listed() { inside airflow "$@" --output json 2>/dev/null | tail -1; } # the last line: warnings stand before it
test "$(listed dags list-import-errors)" = "[]"
echo "DAG: $(listed dags list | grep -o '"dag_id": "[a-z0-9_]*"')"
echo "timetable: $(listed plugins | grep -o 'kiwoom_provider.timetables[A-Za-z.]*' | head -1)"
echo "provider: $(listed providers list | grep -o '"package_name": "airflow-provider-kiwoom"')"

# Nothing in the configuration, the history or a file of the layers may look like a key.
b inspect --type image localhost/kiwoom-airflow >"$work/image.json"
if grep -iE '"[A-Z_]*(SECRET|PASSWORD|TOKEN|APP_?KEY|CONN)[A-Z_]*=' "$work/image.json"; then exit 1; fi
fresh=$(b from --pull-never localhost/kiwoom-airflow)
if (cd "$(b mount "$fresh")" && find opt home/airflow -name '.env*' -o -name '.netrc' -o -name '*.pem' -path 'opt/*' | grep .); then
  exit 1
fi
echo "secrets: none"
b rm --all >/dev/null
