#!/usr/bin/env bash
# Build the Dockerfile without a container engine, on a stand-in for the official image, and look inside.
#
#   sudo scripts/image.sh CONSTRAINTS [folder]     needs root, and Debian's packages buildah and debootstrap
#
# CONSTRAINTS is the file that the official image has as ${HOME}/constraints.txt: Airflow's, for the Dockerfile's version
# and Python 3.12. The stand-in is Debian with a Python of this machine, the official image's user, home, name and
# environment, and Airflow by that file; what the official image has beside that is not checked by this.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
constraints=$(realpath "${1:?which constraints.txt has the base image?}")
work=${2:-$(mktemp -d)}
base=$(sed -n 's/^FROM \([^ @]*\).*/\1/p' "$here/Dockerfile" | sort -u)
version=$(sed -n 's/.*:\([0-9.]*\)-python.*/\1/p' <<<"$base")
python=$("$here/scripts/python.sh" 3.12)
pip_conf=$work/pip.conf
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$pip_conf"

b() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }
inside() { b run --isolation chroot "$container" -- "$@"; }

if [ ! -d "$work/base" ]; then
  mkdir -p "$work"
  libraries=ca-certificates,libssl3,libffi8,libbz2-1.0,libsqlite3-0,zlib1g,libreadline8,liblzma5,libexpat1,libncursesw6
  debootstrap --variant=minbase --include="$libraries" bookworm "$work/new" >"$work/debootstrap.log"
  cp /etc/ssl/certs/ca-certificates.crt "$work/new/etc/ssl/certs/"
  mkdir -p "$work/new/usr/python"
  cp -a "$("$python" -c 'import sys; print(sys.base_prefix)')/." "$work/new/usr/python/"
  chroot "$work/new" useradd --uid 50000 --gid 0 --create-home airflow
  cp "$constraints" "$work/new/home/airflow/constraints.txt"
  mkdir -p "$work/new/opt/airflow/dags"
  chroot "$work/new" env LD_LIBRARY_PATH=/usr/python/lib /usr/python/bin/python3.12 -m venv /home/airflow/.local
  chroot "$work/new" chown -R 50000:0 /home/airflow /opt/airflow
  mv "$work/new" "$work/base"
fi
container=$(b from scratch)
cp -a "$work/base/." "$(b mount "$container")/"
b config --user 50000 --workingdir /opt/airflow --env AIRFLOW_HOME=/opt/airflow --env HOME=/home/airflow \
  --env AIRFLOW_VERSION="$version" --env LD_LIBRARY_PATH=/usr/python/lib \
  --env PATH=/home/airflow/.local/bin:/usr/local/bin:/usr/bin:/bin "$container"
b run --isolation chroot --volume "$pip_conf:/etc/pip.conf:ro" "$container" -- pip install --quiet --no-cache-dir \
  "apache-airflow==$version" --constraint /home/airflow/constraints.txt
b commit --quiet --rm "$container" "docker.io/$base" >/dev/null

sed 's/@sha256:[0-9a-f]*//' "$here/Dockerfile" >"$work/Dockerfile"
b build --isolation chroot --pull-never --volume "$pip_conf:/etc/pip.conf:ro" --file "$work/Dockerfile" \
  --ignorefile "$here/.dockerignore" --tag kiwoom-airflow "$here" >"$work/build.log"
container=$(b from --pull-never localhost/kiwoom-airflow)

echo "user: $(inside id -u):$(inside id -g)"
test "$(inside id -u)" != 0
echo "packages: $(inside pip check)"
inside sh -c 'test ! -w /opt/kiwoom && test ! -w /opt/airflow/dags/ka10066_investor_trading.py'
inside env AIRFLOW__CORE__LOAD_EXAMPLES=False bash -c '
  airflow db migrate && airflow dags reserialize' >"$work/airflow.log" 2>&1
listed() { inside airflow "$@" --output json 2>/dev/null | tail -1; } # the last line: warnings stand before it
test "$(listed dags list-import-errors)" = "[]"
echo "DAGs: $(listed dags list | grep -o '"dag_id": "[a-z0-9_]*"' | tr '\n' ' ')"
echo "timetable: $(listed plugins | grep -o 'kiwoom_provider.timetables[A-Za-z.]*' | head -1)"
echo "provider: $(listed providers list | grep -o '"package_name": "airflow-provider-kiwoom"')"
echo "stores: $(inside python -c 'import redis, s3fs; print("redis", redis.__version__, "s3fs", s3fs.__version__)')"

# Nothing in the configuration, the history or a file of the layers may look like a key.
b inspect --type image localhost/kiwoom-airflow >"$work/image.json"
if grep -iE '"[A-Z_]*(SECRET|PASSWORD|TOKEN|APP_?KEY|CONN)[A-Z_]*=' "$work/image.json"; then exit 1; fi
fresh=$(b from --pull-never localhost/kiwoom-airflow)
if (cd "$(b mount "$fresh")" && find opt home/airflow -name '.env*' -o -name '.netrc' -o -name '*.pem' -path 'opt/*' | grep .); then
  exit 1
fi
echo "secrets: none"
b rm --all >/dev/null
