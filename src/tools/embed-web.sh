#!/bin/sh
# The built web files as part of the daemon: embed-web.sh WEBDIR OUT. Writes
# OUT.c, the table that include/daemon/assets.h speaks of, and OUT.S, which
# takes the bytes in by .incbin. A folder's index.html is known by the
# folder's path ("/demo/"). Source maps and names that begin with a dot stay
# out; a file of a kind that has no content type here is an error.
set -eu
web=$(cd "$1" && pwd)
out=$2

type_of()
{
	case $1 in
	*.html) echo "text/html; charset=utf-8" ;;
	*.js | *.mjs) echo "text/javascript; charset=utf-8" ;;
	*.css) echo "text/css; charset=utf-8" ;;
	*.json) echo "application/json" ;;
	*.svg) echo "image/svg+xml" ;;
	*.png) echo "image/png" ;;
	*.jpg) echo "image/jpeg" ;;
	*.webp) echo "image/webp" ;;
	*.ico) echo "image/x-icon" ;;
	*.woff2) echo "font/woff2" ;;
	*.txt) echo "text/plain; charset=utf-8" ;;
	*.mp3) echo "audio/mpeg" ;;
	*.ogg) echo "audio/ogg" ;;
	*)
		echo "embed-web.sh: no content type for $1; add one" >&2
		return 1
		;;
	esac
}

files=$(cd "$web" && find . -type f ! -name '.*' ! -path '*/.*/*' \
	! -name '*.map' | sed 's|^\./||' | LC_ALL=C sort)
if [ -z "$files" ]; then
	echo "embed-web.sh: nothing to embed under $1" >&2
	exit 1
fi

table=$out.c.tmp
bytes=$out.S.tmp
echo "/* Made by src/tools/embed-web.sh; do not edit. */" >"$bytes"
echo "	.section .rodata" >>"$bytes"
{
	echo "/* Made by src/tools/embed-web.sh; do not edit. */"
	echo "#include \"assets_table.h\""
	echo
} >"$table"
rows=$out.rows.tmp
: >"$rows"
n=0
for f in $files; do
	case $f in
	*[!A-Za-z0-9._/-]*)
		echo "embed-web.sh: $f: a name may have letters, digits, . _ -" >&2
		exit 1
		;;
	esac
	path=/${f%index.html}
	type=$(type_of "$f")
	size=$(wc -c <"$web/$f")
	sum=$(sha256sum "$web/$f" | cut -c 1-24)
	printf '\t.globl asset_bytes_%d\n\t.balign 16\nasset_bytes_%d:\n\t.incbin "%s"\n\t.byte 0\n' \
		"$n" "$n" "$web/$f" >>"$bytes"
	echo "extern const unsigned char asset_bytes_${n}[];" >>"$table"
	printf '\t{"%s", "%s", asset_bytes_%d, %d, "\\"%s\\""},\n' \
		"$path" "$type" "$n" "$size" "$sum" >>"$rows"
	n=$((n + 1))
done
echo "	.section .note.GNU-stack,\"\",%progbits" >>"$bytes"
{
	echo
	echo "const struct asset asset_table[] = {"
	cat "$rows"
	echo "};"
	echo "const size_t asset_count = $n;"
} >>"$table"
rm -f "$rows"
mv "$table" "$out.c"
mv "$bytes" "$out.S"
touch "$out.c"
touch "$out.S"
