#!/usr/bin/env bash
# Build the images and say how large each is and how long it took: `make images`, from the repository's root.
#
#   deploy/images/build.sh [PART…]        # g2p metrics trainer embedder flows; all by default
#
#   ENGINE       podman (default) or docker
#   REGISTRY     where the names begin: localhost/isogloss (default), registry.example.org/isogloss
#   VERSION      the tag; default: the release, isogloss/VERSION
#   BASE         the base image; default: what the Containerfile pins
#   TORCH        cuda (default) or cpu
#   BUILD_FLAGS  more flags for the engine, such as --volume for a CA bundle and pip's configuration
set -euo pipefail
cd "$(dirname "$0")/../.."

engine="${ENGINE:-podman}"
registry="${REGISTRY:-localhost/isogloss}"
version="${VERSION:-$(cat isogloss/VERSION)}"
flags=(--build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse --short HEAD)")
[ -z "${BASE:-}" ] || flags+=(--build-arg "BASE=$BASE")
# shellcheck disable=SC2206  # several flags in one variable
flags+=(${BUILD_FLAGS:-})

[ $# -gt 0 ] || set -- g2p metrics trainer embedder flows
for part in "$@"; do
    file="services/$part/Containerfile"
    [ "$part" != flows ] || file=flows/Containerfile
    name="$registry/$part:$version"
    torch=()
    case "$part" in
    trainer | embedder) torch=(--build-arg "TORCH=${TORCH:-cuda}") ;;
    esac
    start=$SECONDS
    "$engine" build --quiet --file "$file" --tag "$name" "${flags[@]}" "${torch[@]}" . >/dev/null
    bytes="$("$engine" image inspect --format '{{.Size}}' "$name")"
    printf '%-40s %6d MB  built in %4d s\n' "$name" $((bytes / 1000000)) $((SECONDS - start))
done
