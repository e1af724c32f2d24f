#!/bin/sh
# Installs what building, running and testing need and this machine does not
# have, and says so first. Debian 12 (and what is built on it); as root, or as
# a user who may use sudo. With everything there it only looks, in a moment.
# It starts nothing and enables nothing: a package's service that this script
# brought is neither started nor enabled, one that was there stays as it was.
set -eu

# What is missing, by the command or file that is looked for.
want=
need_command()
{
	command -v "$1" >/dev/null 2>&1 || want="$want $2"
}
need_file()
{
	for file in $1; do
		[ -e "$file" ] && return
	done
	want="$want $2"
}
lib=/usr/lib/$(uname -m)-linux-gnu

need_command cc gcc
need_command make make
need_file "$lib/libc.a" libc6-dev
need_command pkg-config pkg-config
need_command clang clang
need_command clang-format clang-format
need_file "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a \
	/usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a" libclang-rt-14-dev
need_file "/usr/include/libwebsockets.h" libwebsockets-dev
need_file "$lib/libwebsockets-evlib_uv.so $lib/libwebsockets-evlib_uv.so.*" \
	libwebsockets-evlib-uv
need_file "/usr/include/uv.h" libuv1-dev
need_file "/usr/include/liburing.h" liburing-dev
need_file "/usr/include/http_parser.h" libhttp-parser-dev
need_file "/usr/include/pcre2.h" libpcre2-dev
need_file "/usr/include/yaml.h" libyaml-dev
need_file "/usr/include/curl/curl.h /usr/include/$(uname -m)-linux-gnu/curl/curl.h" \
	libcurl4-openssl-dev
need_file "/usr/include/hiredis/hiredis.h" libhiredis-dev
need_file "/usr/include/sqlite3.h" libsqlite3-dev
need_file "/usr/include/jansson.h" libjansson-dev
need_file "/usr/include/utf8proc.h" libutf8proc-dev
need_file "/usr/include/sodium.h" libsodium-dev
need_file "/usr/include/systemd/sd-daemon.h" libsystemd-dev
need_command redis-server redis-server
need_command redis-cli redis-tools
need_command redis-sentinel redis-sentinel
need_file /usr/share/dict/american-english wamerican
need_file /usr/share/zoneinfo/Europe/Berlin tzdata
need_command chromium chromium
need_command openssl openssl
need_command valgrind valgrind
need_file "$lib/faketime/libfaketime.so.1" libfaketime
need_file /usr/sbin/haproxy haproxy
need_command git git
need_file /etc/ssl/certs/ca-certificates.crt ca-certificates

# What is compared with in the benchmarks, and needed for nothing else.
if [ "${1:-}" = --bench ]; then
	shift
	need_command g++ g++
	need_file /usr/include/re2/set.h libre2-dev
	need_file /usr/include/hs/hs.h libvectorscan-dev
fi

# Any node from 18 on will do, whoever installed it.
node_major=0
if command -v node >/dev/null 2>&1; then
	node_major=$(node -p 'process.versions.node.split(".")[0]')
fi
if [ "$node_major" -eq 0 ]; then
	want="$want nodejs"
elif [ "$node_major" -lt 18 ]; then
	echo "setup: node is version $node_major; 18 or later is needed." >&2
	echo "setup: remove it, or put a newer one first in PATH." >&2
	exit 1
fi
need_command npm npm

if [ -z "$want" ]; then
	exit 0
fi
if [ "${1:-}" = --check ]; then
	echo "setup: missing:$want"
	exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
	echo "setup: missing:$want" >&2
	echo "setup: these are Debian's package names, and there is no" \
		"apt-get here; install their like by hand." >&2
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null ||
	[ -t 0 ]; }; then
	as_root=sudo
else
	echo "setup: missing:$want" >&2
	echo "setup: installing them takes root, or a user who may use" \
		"sudo. As root:" >&2
	echo "	apt-get install --no-install-recommends$want" >&2
	exit 1
fi

echo "setup: installing from Debian, with apt-get:"
echo "$want" | tr ' ' '\n' | sed -e '/^$/d' -e 's/^/	/'

# Debian starts a service as soon as its package is there. Ours is a private
# redis-server under var/, so the packages' own are kept from starting for the
# time of the installation, and those that come with it are disabled after.
policy=/usr/sbin/policy-rc.d
made_policy=
# shellcheck disable=SC2329
cleanup()
{
	if [ -n "$made_policy" ]; then
		$as_root rm -f $policy
	fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM
if [ ! -e $policy ]; then
	made_policy=yes
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi

log=$(mktemp)
apt()
{
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
		-o Acquire::Retries=3 "$@" </dev/null >>"$log" 2>&1
}
# The lists may be missing or stale; where they are fresh enough, the first
# try does.
# shellcheck disable=SC2086
if ! apt install -y --no-install-recommends $want; then
	if ! { apt update && apt install -y --no-install-recommends $want; }; then
		tail -n 20 "$log" >&2
		echo "setup: apt-get failed (its output: $log)" >&2
		exit 1
	fi
fi
rm -f "$log"
for service in redis-server redis-sentinel haproxy; do
	case " $want " in
	*" $service "*)
		if command -v systemctl >/dev/null 2>&1; then
			$as_root systemctl disable $service >/dev/null 2>&1 || :
		fi
		;;
	esac
done
echo "setup: done"
