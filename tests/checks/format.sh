#!/bin/sh
# Is every C file laid out as .clang-format says?
. tests/checks/lib.sh
for f in $(files | grep -E '\.[ch]$'); do
	[ -f "$f" ] || continue
	clang-format --dry-run -Werror "$f" >/dev/null 2>&1 ||
		bad "$f is not formatted: clang-format -i $f"
done
[ "$failed" -eq 0 ] && ok
# It must be able to fail.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp .clang-format "$copy"
echo 'int  f( void ){return 1;}' >"$copy/x.c"
if clang-format --dry-run -Werror "$copy/x.c" >/dev/null 2>&1; then
	bad "an ugly file passes"
else
	ok
fi
finish
