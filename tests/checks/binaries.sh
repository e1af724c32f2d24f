#!/bin/sh
# What was linked: the pure part runs without loop, socket and Redis libraries,
# the daemon is hardened and says the build's version, and what is installed
# works from where it is installed.
. tests/checks/lib.sh
build=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

needed()
{
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}
n=0
for test in "$build"/tests/unit/intent/test_* "$build"/tests/unit/chat/test_*; do
	case $test in
	*.d | *'*') continue ;;
	esac
	n=$((n + 1))
	heavy=$(needed "$test" | grep -E '^lib(uv|websockets|hiredis|curl|sqlite)')
	[ -z "$heavy" ] || bad "$test is linked with $heavy"
done
if [ "$n" -gt 0 ] && [ "$failed" -eq 0 ]; then ok; else
	bad "unit tests of intent and chat: $n"
fi
if needed "$build/answerd" | grep -q '^libhiredis'; then ok; else
	bad "the daemon's libraries cannot be read"
fi
for program in answerd answerctl; do
	file=$build/$program
	if readelf -h "$file" | grep -q 'Type: *DYN'; then ok; else
		bad "$program is not position-independent"
	fi
	if readelf -d "$file" | grep -q 'BIND_NOW\|Flags:.*NOW'; then ok; else
		bad "$program is not bound at start"
	fi
	if readelf -lW "$file" | grep -q 'GNU_STACK.*RW '; then ok; else
		bad "$program has an executable stack"
	fi
	version=$(sed -n 's/^VERSION := //p' Makefile)
	if "$file" --version | grep -qF "$version"; then ok; else
		bad "$program --version does not say $version"
	fi
done

if make --no-print-directory B="$build" DESTDIR="$tmp" PREFIX=/usr install \
	>"$tmp/log" 2>&1; then ok; else
	bad "make install: $(tail -n 3 "$tmp/log")"
fi
for file in usr/sbin/answerd usr/bin/answerctl etc/answerd/answerd.yaml \
	etc/answerd/intents/_common.yaml usr/lib/systemd/system/answerd.service \
	usr/lib/systemd/system/answerd@.service usr/share/man/man8/answerd.8 \
	usr/share/man/man1/answerctl.1 usr/share/man/man5/answerd.yaml.5 \
	usr/share/bash-completion/completions/answerctl \
	usr/lib/sysusers.d/answerd.conf; do
	if [ -s "$tmp/$file" ]; then ok; else
		bad "make install left out /$file"
	fi
done
if (cd / && "$tmp/usr/sbin/answerd" --config "$tmp/etc/answerd/answerd.yaml" \
	--set "intents=$tmp/etc/answerd/intents" --check) >"$tmp/out" 2>&1; then
	ok
else
	bad "the installed configuration: $(cat "$tmp/out")"
fi
for path in /etc/answerd/intents /var/lib/answerd; do
	if grep -q "$path" "$tmp/etc/answerd/answerd.yaml"; then ok; else
		bad "the installed configuration does not name $path"
	fi
done
if grep -q '/usr/local' "$tmp"/usr/lib/systemd/system/*.service; then
	bad "an installed unit names /usr/local"
else
	ok
fi
# What is left of systemd's marks are the network and what libraries need.
for unit in systemd/*.service; do
	if ! command -v systemd-analyze >/dev/null; then continue; fi
	if systemd-analyze security --offline=true --threshold=12 --no-pager \
		"$unit" >"$tmp/out" 2>&1; then
		ok
	else
		bad "$unit: $(tail -1 "$tmp/out")"
	fi
done
echo 'changed: by hand' >"$tmp/etc/answerd/answerd.yaml"
make --no-print-directory B="$build" DESTDIR="$tmp" PREFIX=/usr install \
	>"$tmp/log" 2>&1
if [ "$(cat "$tmp/etc/answerd/answerd.yaml")" = 'changed: by hand' ]; then ok
else
	bad "make install wrote over a configuration"
fi
make --no-print-directory B="$build" DESTDIR="$tmp" PREFIX=/usr uninstall \
	>"$tmp/log" 2>&1
left=$(find "$tmp/usr" -type f)
if [ -z "$left" ]; then ok; else bad "make uninstall left $left"; fi
if [ "$(cat "$tmp/etc/answerd/answerd.yaml")" = 'changed: by hand' ] &&
	[ -s "$tmp/etc/answerd/intents/_common.yaml" ]; then ok
else
	bad "make uninstall took configuration or rules"
fi
# Under a prefix of its own it finds its own.
if make --no-print-directory B="$build" PREFIX="$tmp/own" install \
	>"$tmp/log" 2>&1; then ok; else
	bad "make install, PREFIX=: $(tail -n 3 "$tmp/log")"
fi
if (cd / && "$tmp/own/sbin/answerd" --check) >"$tmp/out" 2>&1; then ok; else
	bad "answerd does not find what belongs to it: $(cat "$tmp/out")"
fi
if (cd / && "$tmp/own/bin/answerctl" lint) >"$tmp/out" 2>&1; then ok; else
	bad "answerctl does not find its rules: $(cat "$tmp/out")"
fi
echo 'nonsense: 1' >"$tmp/own/etc/answerd/answerd.yaml"
(cd / && "$tmp/own/bin/answerctl" queue) >"$tmp/out" 2>&1
if grep -q "$tmp/own/etc/answerd/answerd.yaml" "$tmp/out"; then ok; else
	bad "answerctl does not find its configuration: $(cat "$tmp/out")"
fi
finish
