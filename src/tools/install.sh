#!/bin/sh
# `make install`: puts what was built under DESTDIR and PREFIX. A configuration
# and rules that are there already stay as they are; the shipped ones go beside
# them as examples in any case. It starts, enables and creates no service, user
# or directory of data: systemd's units and sysusers.d do that.
# `make uninstall` takes away what this puts, but for configuration and rules.
set -eu

sbin=$PREFIX/sbin
bin=$PREFIX/bin
etc=$SYSCONFDIR/answerd
examples=$DATADIR/doc/answerd/examples

put()
{
	if [ -n "$UNINSTALL" ]; then
		rm -f "$DESTDIR$3"
		return
	fi
	install -D -m "$1" "$2" "$DESTDIR$3"
	echo "  $DESTDIR$3"
}

put 755 "$B/answerd" "$sbin/answerd"
put 755 "$B/answerctl" "$bin/answerctl"

for page in src/man/*.[1-8]; do
	section=${page##*.}
	put 644 "$page" "$MANDIR/man$section/$(basename "$page")"
done
put 644 src/tools/answerctl.bash \
	"$DATADIR/bash-completion/completions/answerctl"
put 644 README.md "$DATADIR/doc/answerd/README.md"
put 644 LICENSE "$DATADIR/doc/answerd/LICENSE"

# Paths of a machine in the place of those of a checkout.
conf=$(mktemp)
trap 'rm -f "$conf"' EXIT
sed -E -e "s|^(intents:).*|\\1 $etc/intents|" \
	-e 's|^(state_dir:).*|\1 /var/lib/answerd|' \
	-e 's|^(secret_file:).*|\1 /var/lib/answerd/secret|' \
	-e 's|^( +url:) unix:.*|\1 redis://127.0.0.1:6379/0|' \
	conf/answerd.yaml >"$conf"
put 644 "$conf" "$examples/answerd.yaml"
for file in conf/redis.conf conf/nginx.conf conf/haproxy.cfg conf/Caddyfile \
	conf/alerts.yaml; do
	put 644 "$file" "$examples/$(basename "$file")"
done
find intents -type f -name '*.yaml' | LC_ALL=C sort | while read -r file; do
	put 644 "$file" "$examples/$file"
done
if [ -z "$UNINSTALL" ] && [ ! -e "$DESTDIR$etc/answerd.yaml" ]; then
	put 644 "$conf" "$etc/answerd.yaml"
fi
if [ -z "$UNINSTALL" ] && [ ! -e "$DESTDIR$etc/intents" ]; then
	mkdir -p "$DESTDIR$etc"
	cp -R "$DESTDIR$examples/intents" "$DESTDIR$etc/intents"
	echo "  $DESTDIR$etc/intents/"
fi

unit=$(mktemp)
trap 'rm -f "$conf" "$unit"' EXIT
for file in systemd/answerd.service systemd/answerd@.service; do
	sed -e "s|/usr/local/sbin|$sbin|g" -e "s|/usr/local/etc/answerd|$etc|g" \
		"$file" >"$unit"
	put 644 "$unit" "$UNITDIR/$(basename "$file")"
done
put 644 systemd/answerd.sysusers "$PREFIX/lib/sysusers.d/answerd.conf"

if [ -n "$UNINSTALL" ]; then
	if [ -d "$DESTDIR$DATADIR/doc/answerd" ]; then
		find "$DESTDIR$DATADIR/doc/answerd" -depth -type d -empty -delete
	fi
	for kept in "$etc" /var/lib/answerd; do
		if [ -e "$DESTDIR$kept" ]; then
			echo "  kept: $DESTDIR$kept"
		fi
	done
fi
