#!/usr/bin/env bash
# The report's accessibility test runs in headless Chromium: installed here when we may; skipped by name if not.
set -euo pipefail

if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
    echo "The report's accessibility test needs Chromium: sudo apt-get install chromium (Debian, Ubuntu)" >&2
fi
