#!/bin/sh
# Does a file name a place of the machine that it was written on? A path of a
# home or of somebody's work folder does not exist at the reader's, and a
# script that needs one works nowhere else.
. tests/checks/lib.sh
pattern='(^|[^A-Za-z0-9_.:/-])/(home|root|work|farm|Users)/[A-Za-z0-9_.]'
list=$(files | grep -vE '(package-lock\.json|^tests/checks/places\.sh)$')
for f in $list; do
	[ -f "$f" ] || continue
	found=$(grep -nIE "$pattern" "$f" | head -n 3)
	[ -z "$found" ] || bad "$f names a place of one machine: $found"
done
[ "$failed" -eq 0 ] && ok
# It must be able to fail.
if echo 'see /home/maria/x' | grep -qE "$pattern"; then ok; else
	bad "the pattern finds nothing"
fi
finish
