#!/usr/bin/env bash
# Runs the tests against the libtorch of another Debian release, in a system of its own under this one. Needs root,
# debootstrap and Debian's archive.
#
#   eng/debian.sh SUITE [FOLDER]     SUITE: trixie (libtorch 2.6), sid (2.14 in November 2026)
#
# FOLDER (artifacts/debian/SUITE) keeps the system, some 5 GB; a chroot that is there already is used as it is. The tests
# are those of the last commit. The .NET SDK, NuGet's packages and ../shared are this machine's.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

(($# == 1 || $# == 2)) || fail "usage: eng/debian.sh SUITE [FOLDER]"
suite=$1
system=$(readlink -m "${2:-$artifacts/debian/$1}")
checkout=$system/srv/logitscope
((EUID == 0)) || fail "only root can install a Debian under this system"
has debootstrap || fail "debootstrap is missing: apt-get install debootstrap"

install_debian() {
    local mirror
    mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' | grep -m 1 '/debian/$')
    debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$system.new" "$mirror" &&
        mv "$system.new" "$system"
}

update_checkout() {
    [[ -d $checkout ]] || git clone --quiet --no-checkout "$root" "$checkout"
    git -C "$checkout" fetch --quiet "$root" HEAD && git -C "$checkout" checkout --quiet --force --detach FETCH_HEAD &&
        mkdir -p "$checkout/artifacts/native" &&
        if [[ -f $native/plotly.min.js ]]; then cp "$native/plotly.min.js" "$checkout/artifacts/native"; fi
}

if [[ ! -d $system ]]; then
    rm -rf "$system.new"
    step "Installing Debian $suite" install_debian || fail "the whole log is $(log_of "Installing Debian $suite")"
fi
update_checkout
cp -L /etc/resolv.conf "$system/etc/resolv.conf"
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages=$(dotnet nuget locals global-packages --list | sed 's/^[^/]*//')

# The mounts are seen by these processes alone and end with them. All tests have this word in their name; the format does
# not depend on libtorch.
exec unshare --mount bash -euo pipefail <<END
borrow() { [[ ! -d \$1 ]] || { mkdir -p "$system\$2" && mount --rbind "\$1" "$system\$2"; }; }
borrow /proc /proc
borrow /dev /dev
borrow "$sdk" /usr/share/dotnet
borrow "$packages" /srv/packages
borrow "$root/../shared" /srv/shared
exec env -i HOME=/tmp LANG=C.UTF-8 NUGET_PACKAGES=/srv/packages PATH=/usr/share/dotnet:/usr/sbin:/usr/bin:/sbin:/bin \\
    chroot "$system" /srv/logitscope/test.sh Tests </dev/null
END
