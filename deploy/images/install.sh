#!/bin/sh
# Inside a build stage: make /opt/isogloss, a virtual environment of exactly the packages that a list names.
#
#   install.sh LIST
#
# Every file is checked against the list's hashes, sources too, which are built by what build.txt pins. Then pip goes, and
# leaves /opt/isogloss/sbom.cdx.json: what the image holds, in CycloneDX, with versions and licenses.
set -eu

python3 -m venv /opt/isogloss
python3 -m venv /opt/tools
/opt/tools/bin/pip install --quiet --no-cache-dir --require-hashes --requirement /build/build.txt
/opt/tools/bin/pip install --quiet --no-cache-dir --require-hashes --requirement /build/sbom.txt
/opt/tools/bin/pip --python /opt/isogloss/bin/python install --quiet --no-cache-dir --require-hashes \
    --requirement /build/build.txt
/opt/isogloss/bin/pip install --quiet --no-cache-dir --no-deps --no-build-isolation --require-hashes --requirement "$1"
/opt/isogloss/bin/pip check
/opt/isogloss/bin/pip uninstall --quiet --yes pip wheel
grep -q '^setuptools==' "$1" || /opt/tools/bin/pip --python /opt/isogloss/bin/python uninstall --quiet --yes setuptools
/opt/tools/bin/cyclonedx-py environment --output-reproducible --output-file /opt/isogloss/sbom.cdx.json /opt/isogloss/bin/python
