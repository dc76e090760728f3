# libreswan's pluto as the client, on any host of the lab, told by addconn and
# whack what to connect with.  vm has unpacked it; it brings its own updown
# script, which puts the address on "lo" and makes the routes.

LIBRESWAN=$OUTPUT/clients/libreswan
PLUTO=/usr/libexec/ipsec

# pluto_secrets: the group's or peer's key, and the users' passwords
pluto_secrets() {
	cat <<-END
	: PSK "$GROUP_KEY"
	@alice : XAUTH "$PASSWORD"
	@bob : XAUTH "$PASSWORD"
	END
}

# pluto_conf [NAME=VALUE...]: ipsec.conf, on standard output.  It drops IKEv1
# unless told to accept it.  id is the group's; settings is for the connection.
pluto_conf() {
	local user=alice id='' aggressive=no pull=yes \
	    ike='aes256-sha1;modp2048' esp=aes256-sha1 pfs=no \
	    dpddelay=30 dpdtimeout=120 settings='' setting
	for setting; do
		local "$setting"
	done
	cat <<-END
	config setup
	        ikev1-policy=accept
	conn lab
	        ikev2=no
	        authby=secret
	        aggressive=$aggressive
	        left=%defaultroute
	        ${id:+leftid=$id}
	        leftxauthclient=yes
	        leftxauthusername=$user
	        leftmodecfgclient=yes
	        modecfgpull=$pull
	        right=$OUTSIDE
	        rightxauthserver=yes
	        rightmodecfgserver=yes
	        rightsubnet=0.0.0.0/0
	        ike=$ike
	        phase2alg=$esp
	        pfs=$pfs
	        dpddelay=$dpddelay
	        dpdtimeout=$dpdtimeout
	        dpdaction=clear
	        auto=add
	        $settings
	END
}

# whack HOST COMMAND...: tells that host's pluto
whack() {
	local host="$1"
	shift
	on "$host" "$PLUTO/whack" --ctlsocket "$SCRATCH/pluto-$host/pluto.ctl" \
	    "$@"
}

# pluto_start HOST: without any connection yet
pluto_start() {
	local directory="$SCRATCH/pluto-$1"
	put_in_place "$LIBRESWAN" usr/libexec/ipsec usr/sbin/ipsec
	mkdir -p "$directory/nss" /run/pluto
	certutil -N -d "sql:$directory/nss" --empty-password
	pluto_secrets > "$directory/ipsec.secrets"
	chmod 600 "$directory/ipsec.secrets"
	pluto_conf > "$directory/ipsec.conf"
	background "pluto-$1" "$1" "$PLUTO/pluto" --nofork --stderrlog \
	    --config "$directory/ipsec.conf" --ipsecdir "$directory" \
	    --rundir "$directory" --nssdir "$directory/nss" \
	    --secretsfile "$directory/ipsec.secrets" --no-dnssec
	wait_for 20 "pluto runs on $1" whack "$1" --status
}

pluto_stop() {
	background_end "pluto-$1"
}

# pluto_try HOST [NAME=VALUE...]: connects; true when the tunnel is up
pluto_try() {
	local host="$1" directory="$SCRATCH/pluto-$1"
	shift
	pluto_conf "$@" > "$directory/ipsec.conf"
	seen on "$host" "$PLUTO/addconn" --config "$directory/ipsec.conf" \
	    --ctlsocket "$directory/pluto.ctl" lab || {
		tell_seen
		fail "pluto does not take the configuration"
	}
	timeout $((20 * SLOWNESS)) ip netns exec "$host" "$PLUTO/whack" \
	    --ctlsocket "$directory/pluto.ctl" --name lab --initiate \
	    > "$RESULT/initiate-$host.log" 2>&1 || :
	until_true 5 prints . client_address "$host"
}

# pluto_connect HOST [NAME=VALUE...]: a step of a scenario
pluto_connect() {
	pluto_try "$@" || {
		tail -15 "$RESULT/initiate-$1.log"
		fail "pluto on $1 does not connect: $(tail -1 \
		    "$RESULT/initiate-$1.log")"
	}
	client_connected pluto "$1"
}

# pluto_disconnect HOST: --terminate leaves the address and a policy that
# would call the gateway again; --delete forgets them
pluto_disconnect() {
	want "pluto on $1 ends the session" whack "$1" --name lab --terminate
	whack "$1" --name lab --delete > "$SCRATCH/seen" 2>&1 || :
}

# pluto_session WHAT HOST [NAME=VALUE...]: one that goes well, and of which
# nothing is left on the gateway
pluto_session() {
	local host="$2"
	say "$1"
	shift
	pluto_connect "$@"
	want "the user fetches the page" fetches "$host"
	pluto_disconnect "$host"
	wait_for 15 "nothing of the session is left on the gateway" \
	    prints_nothing sessions_left
}

# pluto_said HOST PATTERN: a line of its log matches
pluto_said() {
	prints "$2" cat "$RESULT/pluto-$1.log"
}
