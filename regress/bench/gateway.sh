# A gateway on loopback with a played kernel (regress/bench/openkernel.c), in
# mount and network namespaces that the caller has made.  Sourced by
# regress/bench/run and regress/client/run, which set OUTPUT, CONF, SOCKET,
# STATE and LOG.
#
# BENCH_GATEWAY is the gateway's command, one program with its arguments, which
# stays in the foreground.

GATEWAY=''
: "${BENCH_GATEWAY:=\"$OUTPUT/regress/bench/ikerd\" -d -B \"$OUTPUT\" -f \"$CONF\" -s \"$SOCKET\" -S \"$STATE\"}"
# "password", at the least cost that argon2id has: the login's own price is
# authd's bench
HASH='$argon2id$v=19$m=8,t=1,p=1$uL9/gOQvdYDJGmYrTBSdAw$VGhuW0KZPaVyRMjKDcTJEuLfBZZuirFjb/hHp8sjTA0'

fail() {
	echo "bench: $*" >&2
	[ -s "$LOG" ] && tail -3 "$LOG" >&2
	exit 1
}

# add_accounts: the processes' users, for this run and in this namespace
add_accounts() {
	uid=64200
	cp /etc/passwd "$CONF.passwd"
	cp /etc/group "$CONF.group"
	for user in _ikerd _ikerkey _authd _poold _fwd _fwproxy; do
		uid=$((uid + 1))
		grep -q "^$user:" "$CONF.passwd" ||
		    echo "$user:x:$uid:$uid::/var/empty:/bin/false" \
		    >> "$CONF.passwd"
		grep -q "^$user:" "$CONF.group" ||
		    echo "$user:x:$uid:" >> "$CONF.group"
	done
	mount --bind "$CONF.passwd" /etc/passwd
	mount --bind "$CONF.group" /etc/group
	if [ ! -d /var/empty ]; then
		mount -t tmpfs tmpfs /var && mkdir -p /var/empty
	fi
	mount -t tmpfs -o mode=755 tmpfs /run
}

# new_state: the directories of authd and poold; users on standard input
new_state() {
	rm -rf "$STATE"
	install -d -m 0755 "$STATE"
	for owner in authd poold; do
		install -d -m 0750 -o _$owner -g _$owner "$STATE/$owner"
	done
	cat > "$STATE/authd/users"
	chown root:_authd "$STATE/authd/users"
	chmod 0640 "$STATE/authd/users"
}

# family PID: it and all its descendants
family() {
	echo "$1"
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		family "$child"
	done
}

# running: the gateway is; otherwise its status is in status_of_it
running() {
	kill -0 "$GATEWAY" 2>/dev/null && return
	status_of_it=0
	wait "$GATEWAY" || status_of_it=$?
	return 1
}

# listens: the IKE port is open; a connect that comes earlier waits in vain
listens() {
	grep -q '^ *[0-9]*: [0-9A-F]*:01F4 ' /proc/net/udp
}

# start_gateway COMMAND...: it is up when the command, a connect, works.
# exec: its process must be ours to end, not a shell's that waits for it.
start_gateway() {
	eval "exec $BENCH_GATEWAY" < /dev/null > "$LOG" 2>&1 &
	GATEWAY=$!
	: > "$CONF.try"
	i=0
	until listens && "$@" > "$CONF.try" 2>&1; do
		running || fail "the gateway ended, status $status_of_it"
		i=$((i + 1))
		[ "$i" -lt 200 ] || fail "no connect works: $(cat "$CONF.try")"
		sleep 0.02
	done
}

stop_gateway() {
	[ -n "$GATEWAY" ] || return
	kill "$GATEWAY" 2>/dev/null
	wait "$GATEWAY" 2>/dev/null
	GATEWAY=
}

# nothing_left: no process of this network namespace but ours is there
nothing_left() {
	i=0
	while left=$(strangers) && [ -n "$left" ]; do
		i=$((i + 1))
		[ "$i" -lt 20 ] || fail "left behind: $left"
		sleep 0.1
	done
}

# strangers: the programs of OUTPUT that run in our network namespace
strangers() {
	here=$(readlink /proc/self/ns/net)
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/ns/net" 2>/dev/null)" = "$here" ] || continue
		case "$(readlink "$p/exe" 2>/dev/null)" in
		"$OUTPUT"/*) printf '%s ' "${p#/proc/}" ;;
		esac
	done
}
