#!/usr/bin/env bash
# Install what constraints.txt pins into .venv by uv, in a third of pip's time. uv reads none of pip's settings, so it
# is told what pip was told: its index, its own wheels (such as a torch without CUDA), its certificates.
set -euo pipefail

bin=.venv/bin
told() { "$bin/pip" config list | sed -nE "s/^[^=]*\.$1='(.*)'$/\1/p" | tail -n 1; }

"$bin/pip" install --quiet --upgrade pip
"$bin/pip" install --quiet -c constraints.txt uv
wheels=$(told find-links) index=$(told index-url) certificates=$(told cert)
options=(-c constraints.txt -e '.[local,cluster,dev]')
if [ -n "$certificates" ]; then export SSL_CERT_FILE=${SSL_CERT_FILE:-$certificates}; fi
if ! "$bin/uv" pip install --quiet --python "$bin/python" \
    ${wheels:+--find-links "$wheels"} ${index:+--default-index "$index"} "${options[@]}"; then
    echo "uv could not install (see above): pip does" >&2
    "$bin/pip" install --quiet "${options[@]}"
fi
