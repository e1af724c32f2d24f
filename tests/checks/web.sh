#!/bin/sh
# Do the types of the browser parts hold, and did the build embed each file
# that esbuild made?
. tests/checks/lib.sh
build=$1
if (cd src/web && node_modules/.bin/tsc --noEmit); then ok; else
	bad "src/web: tsc --noEmit"
fi
for path in /widget.js /widget/panel.js /demo/ /console/; do
	if grep -q "{\"$path\", " "$build/gen/assets.c"; then ok; else
		bad "$path is not embedded"
	fi
done
finish
