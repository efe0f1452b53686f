#!/usr/bin/env bash
# in-trixie.sh JAVA COMMAND ...
#
# Runs a command in Debian trixie, which has RabbitMQ 4.0, PostgreSQL 17 and Java 21 and 25; JAVA
# says which. It sees this working tree and Maven's libraries at their own places, and loopback as
# its only network. All of it are namespaces: whatever the command leaves behind, files outside the
# tree, processes, networks, ends with it, also when it is killed.
#
# Takes root, debootstrap and 1.5 GB for the system, which is made once and kept in
# ${AIOPSLAB_CACHE:-${XDG_CACHE_HOME:-~/.cache}/aiopslab}. Where something is lacking it says what,
# and does nothing; with CI=true that is a failure.
set -euo pipefail

readonly suite=trixie
readonly packages=rabbitmq-server,postgresql-17,openjdk-21-jre-headless,openjdk-25-jre-headless,python3,git,procps,iproute2
readonly cache=${AIOPSLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/aiopslab}
tree=$(cd "$(dirname "$0")/../.." && pwd)
readonly tree

lacking() {
  printf 'Not run in %s: %s\n' "$suite" "$1" >&2
  [[ ${CI:-} != true ]] || exit 1
  exit 0
}

# Where this machine gets its own packages from; only apt itself knows all the ways to say so.
mirror() {
  local found=${AIOPSLAB_DEBIAN_MIRROR:-}
  if [[ -z $found ]] && command -v apt-get >/dev/null; then
    found=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
      awk '$1 == "Debian" { print $2; exit }')
  fi
  [[ -n $found ]] || lacking \
    "no Debian mirror in apt's configuration; name one: export AIOPSLAB_DEBIAN_MIRROR=http://..."
  printf '%s\n' "$found"
}

# A system with other packages is another system.
readonly root=$cache/$suite-$(printf '%s' "$packages" | cksum | cut -d' ' -f1)

make_system() {
  local from draft
  from=$(mirror)
  [[ -n $from ]] || exit 0
  echo "Making a $suite in $root, once; a few minutes ..." >&2
  mkdir -p "$cache"
  draft=$(mktemp -d "$cache/draft-XXXXXX")
  chmod 755 "$draft"
  # shellcheck disable=SC2064 # this very draft
  trap "rm -rf '$draft'" EXIT
  if ! debootstrap --variant=minbase --include="$packages" "$suite" "$draft" "$from" >"$cache/debootstrap.log" 2>&1; then
    tail -n 20 "$cache/debootstrap.log" "$draft/debootstrap/debootstrap.log" >&2 || true
    lacking "debootstrap failed; the reason stands above"
  fi
  rm -rf "$draft"/var/cache/apt/archives/*.deb "$draft"/var/lib/apt/lists/* "$draft"/var/lib/postgresql/17
  mv -T "$draft" "$root"
  trap - EXIT
}

((EUID == 0)) || lacking "namespaces and debootstrap take root; try sudo --preserve-env=CI"
for tool in unshare pivot_root debootstrap; do
  [[ $tool = debootstrap && -d $root ]] || command -v "$tool" >/dev/null ||
    lacking "no $tool: apt-get install $([[ $tool = debootstrap ]] && echo debootstrap || echo util-linux)"
done
unshare --mount --pid --net --ipc --uts --fork true 2>/dev/null ||
  lacking "this machine lets nobody make namespaces; in a container that takes --privileged"
[[ -d $root ]] || make_system

# In its namespaces, still on the machine's own file system; then in trixie's, as the first process,
# which has to bury whatever loses its parent.
readonly enter='
set -euo pipefail
root=$1 tree=$2 libraries=$3; shift 3
stage=/tmp
mount --make-rprivate /
# Wherever they are, the stage may be in front of them.
exec {root_fd}<"$root" {tree_fd}<"$tree" {libraries_fd}<"$libraries"
mount -t tmpfs -o mode=755 stage "$stage"
mkdir "$stage"/{changes,work,root}
mount -t overlay trixie -o "lowerdir=/proc/self/fd/$root_fd,upperdir=$stage/changes,workdir=$stage/work" "$stage/root"
cd "$stage/root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 run run
mkdir run/netns old
mkdir -p ".$tree" ".$libraries"
mount --rbind "/proc/self/fd/$tree_fd" ".$tree"
mount --rbind "/proc/self/fd/$libraries_fd" ".$libraries"
mount -o remount,ro,bind ".$libraries"
exec {root_fd}<&- {tree_fd}<&- {libraries_fd}<&-
pivot_root . old
umount -l old
rmdir old
ip link set lo up
hostname localhost
cd "$tree"
"$@" &
command=$!
trap "kill -TERM $command" TERM INT
status=0
wait "$command" || status=$?
while kill -0 "$command" 2>/dev/null; do wait "$command" || status=$?; done
exit "$status"
'

readonly java=$1
shift
readonly libraries=${MAVEN_REPOSITORY:-$HOME/.m2}
homes=("$root"/usr/lib/jvm/java-"$java"-openjdk-*)
[[ -d ${homes[0]} ]] || lacking "$suite has no Java $java, but 21 and 25"
settings=(HOME=/root AIOPSLAB_OWN_NETWORK=trixie LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  "JAVA_HOME=${homes[0]#"$root"}")
while read -r name; do settings+=("$name=${!name}"); done < <(compgen -e | grep -E '^(CI$|AIOPSLAB_|PYTHONPATH$)')
exec unshare --mount --pid --net --ipc --uts --fork --kill-child \
  bash -c "$enter" enter "$root" "$tree" "$libraries" env -i "${settings[@]}" "$@"
