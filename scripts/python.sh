#!/bin/sh
# Print the first of these Python versions that runs here, or nothing: scripts/python.sh 3.12 3.13
for version in "$@"; do
  for python in "python$version" /usr/bin/"python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python; do
    if found=$("$python" -c 'import sys; print(sys.executable)' 2>/dev/null); then
      echo "$found"
      exit 0
    fi
  done
done
exit 1
