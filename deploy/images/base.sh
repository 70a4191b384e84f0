#!/usr/bin/env bash
# Make the base image of all Containerfiles from Debian's archive, for users without an image registry.
#
#   deploy/images/base.sh            # as root; needs debootstrap and podman (or ENGINE=docker)
#
# From the mirrors that this Debian's own apt uses; DEBIAN_MIRROR and DEBIAN_SECURITY name others.
#
# Then: make images BASE=localhost/isogloss/base:bookworm
set -euo pipefail

engine="${ENGINE:-podman}"
name="${BASE:-localhost/isogloss/base:bookworm}"

# The address of a repository of Debian's that apt knows here, by its release: "" on other systems.
apt_knows() {
  { apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' 2>/dev/null || true; } |
    awk -v release="$1" '$2 == "Debian" && $3 ~ release && !found++ { print $1 }'
}

mirror="${DEBIAN_MIRROR:-$(apt_knows '^[a-z]+$')}"
[ -n "$mirror" ] || { echo "apt names no mirror of Debian here: set DEBIAN_MIRROR" >&2; exit 1; }
security="${DEBIAN_SECURITY:-$(apt_knows '-security$')}"
security="${security:-${mirror%/debian*}/debian-security}"

command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "debootstrap needs root: run this with sudo" >&2; exit 1; }

root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
# Security updates come first of all; debootstrap itself knows only the release.
cat >"$root/etc/apt/sources.list" <<LIST
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $security bookworm-security main
LIST
# As in Debian's own image: apt's caches would be half of what the images add to the base.
cat >"$root/etc/apt/apt.conf.d/no-cache" <<'CONF'
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Install-Recommends "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
CONF
chroot "$root" sh -ec 'apt-get update -q; apt-get -qy dist-upgrade; apt-get clean; rm -rf /var/lib/apt/lists/*'
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/cache/* "$root"/var/log/*
tar -C "$root" -c . | "$engine" import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$name"
