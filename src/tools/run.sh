#!/bin/sh
# `make run`: a private Redis and the daemon, for one machine and one terminal.
# Redis has no port, only a socket under DATA (default var/), and keeps its
# data there; the daemon listens on 127.0.0.1:PORT (default 8080). Ctrl-C stops
# both, the daemon first, and nothing else; so does the end of this script in
# any other way. A second one beside it needs another PORT and DATA.
set -u

build=${B:-build}
port=${PORT:-8080}
data=${DATA:-var}
config=${CONFIG:-conf/answerd.yaml}
redis_conf=conf/redis-dev.conf
redis=
daemon=
tail=

die()
{
	echo "run: $*" >&2
	exit 1
}

# Waits for child $1 to end, at most $2 seconds after SIGTERM.
end()
{
	kill -TERM "$1" 2>/dev/null || return 0
	n=0
	while kill -0 "$1" 2>/dev/null; do
		n=$((n + 1))
		if [ "$n" -gt $(($2 * 10)) ]; then
			echo "run: process $1 does not end; killed" >&2
			kill -KILL "$1" 2>/dev/null
			break
		fi
		sleep 0.1
	done
	wait "$1" 2>/dev/null
}

cleanup()
{
	trap '' INT TERM HUP
	if [ -n "$daemon" ]; then
		end "$daemon" 15
	fi
	if [ -n "$redis" ]; then
		end "$redis" 15
	fi
	if [ -n "$tail" ]; then
		kill "$tail" 2>/dev/null
	fi
}
trap cleanup EXIT
trap 'echo; echo "run: stopping"; exit 0' INT TERM HUP

# -- what is given ----------------------------------------------------------

case $port in
*[!0-9]* | "") die "PORT=$port is not a number" ;;
esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
	die "PORT=$port is not between 1 and 65535"
fi
for file in "$build/answerd" "$build/answerctl"; do
	[ -x "$file" ] || die "$file is not there; run make first"
done
for file in "$config" "$redis_conf"; do
	[ -r "$file" ] || die "$file is not there; run this in the project's" \
		"own directory"
done
mkdir -p "$data" 2>/dev/null || die "cannot make the directory $data (DATA=)"
data=$(cd "$data" && pwd) || die "cannot enter $data (DATA=)"
[ -w "$data" ] || die "cannot write in $data (DATA=)"
mkdir -p "$data/redis" "$data/state"

exec 9>"$data/lock"
flock -n 9 || die "another one already runs on $data; choose another" \
	"directory: make run PORT=8081 DATA=var2"

# A socket's path is at most 107 bytes long.
socket=$data/redis.sock
if [ ${#socket} -gt 100 ]; then
	short=$(mktemp -d "${TMPDIR:-/tmp}/answerd-XXXXXX") ||
		die "cannot make a directory for Redis's socket"
	socket=$short/redis.sock
fi

# -- Redis ------------------------------------------------------------------

# A session of its own, so that Ctrl-C reaches this script only; the parent's
# end is its end.
redis_log=$data/redis.log
setsid setpriv --pdeathsig TERM redis-server "$redis_conf" \
	--dir "$data/redis" --unixsocket "$socket" >"$redis_log" 2>&1 9>&- &
redis=$!
n=0
until [ "$(redis-cli -s "$socket" ping 2>/dev/null)" = PONG ]; do
	n=$((n + 1))
	if ! kill -0 "$redis" 2>/dev/null; then
		redis=
		tail -n 5 "$redis_log" >&2
		die "redis-server did not start (its log: $redis_log)"
	fi
	if [ "$n" -gt 300 ]; then
		tail -n 5 "$redis_log" >&2
		die "redis-server does not answer after 30 s" \
			"(its log: $redis_log)"
	fi
	sleep 0.1
done

# -- the demo shop's orders -------------------------------------------------

# What the rules look up where the configuration names no source of its own: a
# few orders in this private Redis, their dates counted from today.
order()
{
	number=$1
	shift
	redis-cli -s "$socket" hset "demo:order:$number" "$@" >/dev/null ||
		die "cannot write the demo's orders"
}
day()
{
	date -d "$1 days" +%F
}
if ! grep -q '^sources:' "$config"; then
	order 10234567 status shipped eta "$(day 2)" carrier 'Parcel Post' \
		tracking 00340434161094021501 ordered "$(day -3)"
	order 10234568 status processing eta "$(day 5)" ordered "$(day -1)"
	order 10234569 status delayed eta "$(day 6)" promised "$(day -1)" \
		ordered "$(day -8)"
	order 10234570 status delivered delivered "$(day -2)" \
		ordered "$(day -6)"
	order 10234571 status cancelled cancelled "$(day -1)" \
		ordered "$(day -4)" refund paid refund_amount '34.50 EUR' \
		refund_date "$(day -1)"
	order 10234572 status returned ordered "$(day -20)" \
		refund processing refund_amount '49.90 EUR' \
		refund_date "$(day 4)"
	sources="sources={order: {kind: redis, key: 'demo:order:{order_id}'}}"
else
	sources=
fi

# -- the daemon -------------------------------------------------------------

set -- --config "$config" \
	--set "listen=127.0.0.1:$port" \
	--set "redis.url=unix://$socket" \
	--set "state_dir=$data/state" \
	--set "secret_file=$data/secret" ${sources:+"--set" "$sources"}
# The same as one file, for the tool.
effective=$data/answerd.yaml
"$build/answerd" "$@" --print-config >"$effective.new" ||
	die "the configuration $config has mistakes"
mv "$effective.new" "$effective"

log=$data/answerd.log
: >"$log"
setsid setpriv --pdeathsig TERM "$build/answerd" "$@" >>"$log" 2>&1 9>&- &
daemon=$!
# Until it serves: rules loaded and Redis answering.
node -e '
	const [port, pid] = process.argv.slice(1);
	const alive = () => {
		try { process.kill(pid, 0); return true; } catch { return false; }
	};
	const end = Date.now() + 30000;
	// Apart from the question: who has the port may never answer it.
	setInterval(() => {
		if (!alive())
			process.exit(1);
		if (Date.now() > end)
			process.exit(2);
	}, 100);
	const look = async () => {
		const reply = await fetch(`http://127.0.0.1:${port}/readyz`,
			{ signal: AbortSignal.timeout(2000) }).catch(() => null);
		if (reply !== null && reply.status === 200 && alive())
			process.exit(0);
		setTimeout(look, 100);
	};
	look();
' "$port" "$daemon" 9>&-
ready=$?
if ! kill -0 "$daemon" 2>/dev/null; then
	wait "$daemon"
	status=$?
	daemon=
	cat "$log" >&2
	echo "run: answerd ended with status $status" >&2
	exit "$status"
fi
if [ "$ready" -ne 0 ]; then
	tail -n 20 "$log" >&2
	die "answerd is not ready after 30 s (its log: $log)"
fi

# -- who may sign in --------------------------------------------------------

prefix=$(sed -n 's/^ *prefix: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' "$effective" |
	head -n 1)

# sign_in NAME FILE [OPTION...]: makes the agent where it is not there, with a
# password that is kept in FILE.
sign_in()
{
	name=$1
	file=$2
	shift 2
	there=$(redis-cli -s "$socket" exists "${prefix}agent:{$name}")
	if [ "$there" = 1 ] && [ -s "$file" ]; then
		return
	fi
	command=add
	if [ "$there" = 1 ]; then
		command=passwd
		set --
	fi
	(
		umask 077
		head -c 400 /dev/urandom | LC_ALL=C tr -dc 'a-km-np-z2-9' |
			head -c 14 >"$file"
	) || die "cannot write $file"
	"$build/answerctl" --config "$effective" agent $command "$name" \
		--password-stdin "$@" <"$file" >/dev/null ||
		die "cannot make the sign-in of $name"
}
sign_in demo "$data/console-password" --display Dana
sign_in lead "$data/supervisor-password" --display Lead --role supervisor

cat <<END

answerd is ready.

  demo shop      http://127.0.0.1:$port/demo/
                 orders 10234567 to 10234572 are there: ask for one
  desk console   http://127.0.0.1:$port/console/
                 name demo, password $(cat "$data/console-password") (an agent)
                 name lead, password $(cat "$data/supervisor-password") (a supervisor:
                 the page Team as well)

Rules are read from intents/; edit one and it is used a moment later.
Data, logs and these passwords are in $data.
Ctrl-C stops it, with its Redis.

END
tail -n +1 -f "$log" 9>&- &
tail=$!
while kill -0 "$daemon" 2>/dev/null && kill -0 "$redis" 2>/dev/null; do
	sleep 0.5
done
if ! kill -0 "$daemon" 2>/dev/null; then
	wait "$daemon"
	status=$?
	daemon=
	sleep 0.2
	die "answerd ended by itself with status $status (its log: $log)"
fi
redis=
tail -n 5 "$redis_log" >&2
die "redis-server ended by itself (its log: $redis_log)"
