# vpnc, the Cisco-compatible client, on any host of the lab.

OUTSIDE=192.168.1.1

# vpnc_conf NAME=VALUE...: its configuration, on standard output
vpnc_conf() {
	local user=alice password="$PASSWORD" id=vpn3000 secret="$GROUP_KEY" \
	    dh=dh14 natt=natt pfs=nopfs target=0.0.0.0/0.0.0.0 options='' \
	    setting
	for setting; do
		local "$setting"
	done
	cat <<-END
	IPSec gateway $OUTSIDE
	IPSec ID $id
	IPSec secret $secret
	Xauth username $user
	Xauth password $password
	IKE DH Group $dh
	Perfect Forward Secrecy $pfs
	NAT Traversal Mode $natt
	IPSEC target network $target
	Script $LIBRARY/vpnc-script
	Debug 2
	$options
	END
}

# vpnc_try HOST [NAME=VALUE...]: connects; true when the tunnel is up
vpnc_try() {
	local host="$1"
	shift
	vpnc_conf "$@" > "$SCRATCH/vpnc-$host.conf"
	rm -f "$SCRATCH/vpnc-$host.env"
	LAB_ENV=$SCRATCH/vpnc-$host.env ip netns exec "$host" stdbuf -oL \
	    vpnc --non-inter --no-detach --pid-file "$SCRATCH/vpnc-$host.run" \
	    "$SCRATCH/vpnc-$host.conf" < /dev/null \
	    > "$RESULT/vpnc-$host.log" 2>&1 &
	echo $! > "$SCRATCH/vpnc-$host.pid"
	until_true 60 vpnc_decided "$host" ||
	    fail "vpnc on $host neither connects nor gives up"
	vpnc_up "$host"
}

# vpnc_decided HOST: it is connected, or has ended
vpnc_decided() {
	vpnc_up "$1" || ended "$(cat "$SCRATCH/vpnc-$1.pid")"
}

# vpnc_refused HOST [NAME=VALUE...]: it must end without a tunnel
vpnc_refused() {
	! vpnc_try "$@"
}

# vpnc_up HOST: it is connected
vpnc_up() {
	grep -q '^VPNC started in foreground' "$RESULT/vpnc-$1.log" &&
	    ! ended "$(cat "$SCRATCH/vpnc-$1.pid")"
}

# vpnc_connect HOST [NAME=VALUE...]: a step of a scenario
vpnc_connect() {
	vpnc_try "$@" || {
		tail -5 "$RESULT/vpnc-$1.log"
		fail "vpnc on $1 does not connect: $(grep -v '^ *$' \
		    "$RESULT/vpnc-$1.log" | tail -1)"
	}
	ok "vpnc on $1 is connected, address $(vpnc_address "$1")"
}

# vpnc_value HOST VARIABLE: what vpnc told its script
vpnc_value() {
	sed -n "s/^$2=//p" "$SCRATCH/vpnc-$1.env"
}

vpnc_address() {
	vpnc_value "$1" INTERNAL_IP4_ADDRESS
}

vpnc_disconnect() {
	stop "$(cat "$SCRATCH/vpnc-$1.pid")" "vpnc on $1"
	ok "vpnc on $1 has ended"
}

# vpnc_vanish HOST: as a machine that loses power: no farewell.  It may have
# ended before, when it saw that nobody listens on the gateway's ports.
vpnc_vanish() {
	local pid
	pid=$(cat "$SCRATCH/vpnc-$1.pid")
	kill -9 "$pid" 2> "$SCRATCH/seen" || ended "$pid"
	until_true 5 ended "$pid" || :
}
