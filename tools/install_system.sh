#!/usr/bin/env bash
# English G2P reads CMU's lexicon through Debian's libflite1: installed here when we may, asked for when we may not.
set -euo pipefail

if ldconfig -p 2>/dev/null | grep -q libflite_cmulex.so.1 || command -v lex_lookup >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libflite1
else
    echo "English G2P needs flite: sudo apt-get install libflite1 (Debian, Ubuntu) or brew install flite (macOS)" >&2
fi
