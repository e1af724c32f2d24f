#!/bin/sh
# Compares the #include lines of every folder with the architecture's table:
# which folder may knock at which, and that each library has one door. Then
# plants one offence of each kind in a copy and wants to see it found.
. tests/checks/lib.sh

# folder: the folders whose public headers it may include (besides its own).
may_include()
{
	case $1 in
	base) echo "" ;;
	intent | wire) echo "base" ;;
	chat) echo "intent base" ;;
	store) echo "io base" ;;
	io) echo "base" ;;
	daemon) echo "chat intent wire store io base" ;;
	cli) echo "chat intent wire store io base" ;;
	esac
}

# header: the only files (a pattern) that may include it.
door()
{
	case $1 in
	libwebsockets.h) echo '^src/io/' ;;
	http_parser.h) echo '^src/io/' ;;
	liburing.h) echo '^src/io/burst\.c$' ;;
	uv.h) echo '^src/(io|store)/' ;;
	hiredis/*) echo '^src/store/redis(_[a-z]+)?\.[ch]$' ;;
	pcre2.h) echo '^src/intent/pattern\.c$' ;;
	utf8proc.h) echo '^src/intent/' ;;
	yaml.h) echo '^src/base/tree\.c$' ;;
	jansson.h) echo '^src/wire/' ;;
	sodium.h) echo '^src/daemon/token\.c$' ;;
	sodium/*) echo '^src/daemon/token\.c$' ;;
	systemd/*) echo '^src/(daemon|io)/' ;;
	curl/*) echo '^src/io/client\.c$' ;;
	sqlite3.h) echo '^src/store/spool_file\.c$' ;;
	esac
}

# The daemon's configuration and its password hashes are the tool's as well:
# both must read the same file and write the same agents.
exception()
{
	case "$1 $2" in
	"cli daemon/config.h" | "cli daemon/token.h") return 0 ;;
	esac
	return 1
}

# Prints one line for each offence in the tree at $1, and "files N" at the end.
examine()
{
	(
		cd "$1" || exit 1
		n=0
		for f in $(find src include -name '*.[ch]' \
			! -path '*/node_modules/*' | LC_ALL=C sort); do
			n=$((n + 1))
			folder=$(echo "$f" | cut -d / -f 2)
			grep -nE '^[ 	]*#[ 	]*include' "$f" | sed -E \
				's/^([0-9]+):[ 	]*#[ 	]*include[ 	]*([<"])([^>"]*)[>"].*/\1 \2 \3/' |
				while read -r line kind name; do
					offence "$f" "$line" "$folder" "$kind" "$name"
				done
		done
		echo "files $n"
	)
}

offence()
{
	at="$1:$2"
	case $5 in
	*..*)
		echo "$at: \"..\" in an include: $5"
		return
		;;
	esac
	if [ "$4" = '<' ]; then
		only=$(door "$5")
		if [ -n "$only" ] && ! echo "$1" | grep -qE "$only"; then
			echo "$at: <$5> has another door ($only)"
		fi
		return
	fi
	case $5 in
	*/*) ;;
	*)
		# A neighbour, or what the build makes of a neighbour.
		if [ ! -e "$(dirname "$1")/$5" ] && [ "$5" != store_lua.h ]; then
			echo "$at: \"$5\" is no neighbour"
		fi
		case $1 in
		include/*) echo "$at: a public header leans on a private one" ;;
		esac
		return
		;;
	esac
	other=${5%%/*}
	[ -e "include/$5" ] || echo "$at: \"$5\" is no public header"
	[ "$other" = "$3" ] && return
	exception "$3" "$5" && return
	case " $(may_include "$3") " in
	*" $other "*) ;;
	*) echo "$at: $3 may not include $other ($5)" ;;
	esac
}

found=$(examine .)
seen=$(echo "$found" | sed -n 's/^files //p')
if [ "$seen" -eq 0 ]; then
	bad "no file examined"
fi
echo "$found" | grep -v '^files ' | while read -r line; do
	echo "FAILED includes: $line"
done
failed=$((failed + $(echo "$found" | grep -cv '^files ')))
[ "$failed" -eq 0 ] && ok

# Planted offences: each must be found in a copy that is otherwise clean.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
plant()
{
	rm -rf "$copy/t"
	mkdir -p "$copy/t/src/intent" "$copy/t/src/chat" "$copy/t/src/store" \
		"$copy/t/src/cli" "$copy/t/include/base" "$copy/t/include/store" \
		"$copy/t/include/daemon"
	: >"$copy/t/include/base/buf.h"
	: >"$copy/t/include/store/store.h"
	: >"$copy/t/include/daemon/config.h"
	echo '#include "base/buf.h"' >"$copy/t/src/chat/clean.c"
	echo '#include "daemon/config.h"' >"$copy/t/src/cli/clean.c"
	mkdir -p "$(dirname "$copy/t/$1")"
	echo "$2" >>"$copy/t/$1"
	n=$(examine "$copy/t" | grep -v '^files ' | wc -l)
	if [ "$n" -eq "$3" ]; then ok; else
		bad "planted \"$2\" in $1: $n found, not $3"
	fi
}
plant src/chat/x.c '#include <stdio.h>' 0
plant src/chat/x.c '#include "store/store.h"' 1
plant src/chat/x.c '#include "../store/store.h"' 1
plant src/chat/x.c '#include "nobody.h"' 1
plant src/intent/x.c '  #  include "store/store.h"' 1
plant src/intent/x.c '#include <pcre2.h>' 1
plant src/intent/pattern.c '#include <pcre2.h>' 0
plant src/chat/x.c '#include <jansson.h>' 1
plant src/daemon/x.c '#include <sodium.h>' 1
plant src/daemon/x.c '#include <libwebsockets.h>' 1
plant src/store/x.c '#include <hiredis/async.h>' 1
plant src/store/redis.c '#include <hiredis/async.h>' 0
plant include/store/x.h '#include "store/nothing.h"' 1
finish
