# make replicate   the whole paper in miniature, on this machine
# make test        everything that CI checks
# make help        the rest

PYTHON ?= python3
# A stack is a dozen processes: without kept bytecode each compiles torch, transformers or Prefect anew, 5 to 25 CPU seconds.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
INSTALLED := .venv/.installed
# What a worker runs as one, tests/conftest.py says.
PARALLEL ?= -n 2 --no-loadscope-reorder --durations 40
pytest = $(BIN)/python -m pytest $(1) -m 'not slow and not alone' $(PARALLEL)
# Tests with a bound in seconds: all of them use the local stack.
alone = $(BIN)/python -m pytest $(1) -m 'alone and not slow'
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(INSTALLED): pyproject.toml constraints.txt isogloss/VERSION
	$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv .venv
	bash tools/install_python.sh
	bash tools/install_system.sh
	@touch $@

install: $(INSTALLED) ## make .venv from the pinned constraints, once

replicate: $(INSTALLED) ## run the whole pipeline on the sample corpus, print Tables 1 to 3, stop what was started
	$(BIN)/isogloss replicate

test: $(INSTALLED) lint ## lint, then every test but the slow ones: what CI runs
	bash tools/install_browser.sh
	$(call pytest,)
	$(call alone,)

# The three jobs of CI; each folder of tests is in exactly one (tests/unit/release/test_jobs.py).
UNIT := tests/unit tests/golden tests/k8s
CONTRACT := tests/contract tests/faults tests/chaos tests/cluster
STACK := tests/contract/stack tests/e2e

unit: $(INSTALLED) lint docs ## first of CI's three jobs: lint, the docs, unit and golden tests
	bash tools/install_browser.sh
	$(call pytest,$(UNIT))

contract: $(INSTALLED) ## the second: services over sockets, and what happens when things break
	$(call pytest,$(CONTRACT) --ignore tests/contract/stack)

stack: $(INSTALLED) ## the third: the local stack, and whole runs on it
	bash tools/install_browser.sh
	$(call pytest,$(STACK))
	$(call alone,$(STACK))

slow: $(INSTALLED) ## the tests that take many minutes or gigabytes: 30 kills, models at real size, coverage
	$(BIN)/python -m pytest -m slow --timeout 1200 --ignore tests/cluster

chaos: $(INSTALLED) ## kill, cut, flip, flood: docs/faults.md as a run, within an hour; `make test` runs a sample of it
	ISOGLOSS_CHAOS=1 $(BIN)/python -m pytest tests/chaos -n0

quick: $(INSTALLED) ## the tests that take seconds
	$(BIN)/python -m pytest tests/unit tests/golden -m 'not slow'

lint: $(INSTALLED) ## code, arrows, contracts, images, workflows, and whether the stubs are current
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --diff .
	$(BIN)/mypy --num-workers 2 isogloss services flows sources report stack tools
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/hadolint services/*/Containerfile flows/Containerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/python tools/gen_protos.py --check

docs: $(INSTALLED) ## build the site from docs/, docstrings, commands and contracts into site/; a dead link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: $(INSTALLED) ## let ruff format and fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

protos: $(INSTALLED) ## generate the Python stubs
	$(BIN)/python tools/gen_protos.py

constraints: $(INSTALLED) ## write constraints.txt from what is installed
	$(BIN)/python tools/freeze.py

image-lists: $(INSTALLED) ## write what each image installs, with hashes, after a change of constraints.txt
	$(BIN)/python tools/lock_images.py

version: $(INSTALLED) ## a new release: V=0.2.0 writes isogloss/VERSION and its copies
	$(BIN)/python tools/version.py $(V)

release: $(INSTALLED) breaking ## build wheel and sdist from what is committed, try each extra where nothing else is (WHAT='--lowest g2p')
	$(BIN)/python tools/release.py $(WHAT)

breaking: $(INSTALLED) ## the contracts against the last release's, by buf; skipped where there is no tag
	@if tag=$$(git describe --tags --abbrev=0 --match 'v*' HEAD^ 2>/dev/null); then \
		echo "buf breaking: against $$tag"; rm -rf build/released && mkdir -p build/released && \
		git archive $$tag buf.yaml protos | tar -x -C build/released && \
		$(BIN)/buf breaking --against build/released; \
	else echo "buf breaking: skipped, there is no tag v* before this commit"; fi

images: ## build the images (TORCH=cpu, REGISTRY=…, BASE=…: deploy/images/build.sh)
	deploy/images/build.sh

cluster-run: $(INSTALLED) ## look into these images, and run the whole sample in them by the manifests, with podman, as root
	$(BIN)/python -m pytest -s -m slow tests/cluster/test_images.py tests/cluster/test_containers.py -k 'images or the_sample_runs'

cluster-faults: $(INSTALLED) ## the same pods killed, stopped and without disk, one after the other: about 15 minutes
	$(BIN)/python -m pytest -s -m slow tests/cluster/test_containers.py -k 'not the_sample_runs'

cluster-tls: $(INSTALLED) ## a run with TLS between all parts, and who is refused: about 3 minutes
	$(BIN)/python -m pytest -s -m slow tests/cluster/test_tls.py

.PHONY: help install replicate test unit contract stack slow chaos quick lint docs format protos constraints image-lists version release breaking images cluster-run cluster-faults cluster-tls
