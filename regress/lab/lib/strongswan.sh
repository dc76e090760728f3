# strongSwan's charon as the client, on any host of the lab: one charon each,
# told by swanctl what to connect with.  vm has unpacked it; nothing of a
# strongSwan that this machine may have is used.

STRONGSWAN=$OUTPUT/clients/strongswan
# certificates of the gateway and of users (regress/client/pki)
PKI=$OUTPUT/clients/pki

# charon_settings HOST: its strongswan.conf, on standard output
charon_settings() {
	cat <<-END
	charon-systemd {
		load = random nonce openssl pem pkcs1 pkcs8 x509 revocation \
		    constraints pubkey kernel-netlink socket-default \
		    xauth-generic unity vici updown
		plugins {
			vici {
				socket = unix://$SCRATCH/charon-$1.vici
			}
		}
		retransmit_tries = 3
		filelog {
			log {
				path = $RESULT/charon-$1.log
				default = 1
				ike = 2
				time_format = %T
				flush_line = yes
			}
		}
	}
	swanctl {
		load = random openssl pem pkcs1 pkcs8 x509
	}
	END
}

# charon_environment HOST: what its programs are told by
charon_environment() {
	echo "STRONGSWAN_CONF=$SCRATCH/charon-$1.conf" \
	    "SWANCTL_DIR=$SCRATCH/swanctl-$1"
}

swanctl() {
	local host="$1"
	shift
	# word splitting wanted
	on "$host" env $(charon_environment "$host") /usr/sbin/swanctl "$@" \
	    --uri "unix://$SCRATCH/charon-$host.vici"
}

# charon_credentials HOST: certificates and keys where swanctl looks for them
charon_credentials() {
	local directory="$SCRATCH/swanctl-$1" name
	mkdir -p "$directory/x509" "$directory/x509ca" "$directory/private"
	cp "$PKI/ca.pem" "$PKI/middle.pem" "$directory/x509ca"
	for name in alice bob erin; do
		cp "$PKI/$name.pem" "$directory/x509"
		cp "$PKI/$name.key" "$directory/private"
	done
}

# charon_start HOST: without any connection yet
charon_start() {
	put_in_place "$STRONGSWAN" usr/lib/ipsec usr/sbin/swanctl \
	    usr/sbin/charon-systemd
	charon_credentials "$1"
	charon_settings "$1" > "$SCRATCH/charon-$1.conf"
	# word splitting wanted
	background "charon-run-$1" "$1" env $(charon_environment "$1") \
	    /usr/sbin/charon-systemd
	wait_for 20 "charon runs on $1" test -S "$SCRATCH/charon-$1.vici"
}

charon_stop() {
	background_end "charon-run-$1"
	want "charon left nothing on $1" prints_nothing client_left "$1"
}

# charon_locals: how the user proves who they are, one section each
charon_locals() {
	[ "$auth" = hybrid ] || cat <<-END
			local-1 {
				auth = $auth
				${id:+id = $id}
				${cert:+certs = $cert}
			}
	END
	[ -z "$user" ] || cat <<-END
			local-2 {
				auth = xauth
				xauth_id = $user
				${id:+id = $id}
			}
	END
}

# charon_conf NAME=VALUE...: swanctl.conf, on standard output.  auth is psk,
# pubkey (with cert, a file's name) or hybrid; no user, no XAUTH; id and secret are the group's
# (aggressive) or the peer's; settings and child are for the sections that
# have their names.
charon_conf() {
	local user=alice password="$PASSWORD" id='' secret="$GROUP_KEY" \
	    aggressive=no pull=yes ike=aes256-sha1-modp2048 \
	    esp=aes256-sha1 target=0.0.0.0/0 auth=psk cert='' \
	    dpd=0s remote=%any settings='' child='' setting
	for setting; do
		local "$setting"
	done
	cat <<-END
	connections {
		lab {
			version = 1
			remote_addrs = $OUTSIDE
			vips = 0.0.0.0
			aggressive = $aggressive
			pull = $pull
			proposals = $ike
			dpd_delay = $dpd
			$settings
			$(charon_locals)
			remote {
				auth = $(echo $auth | sed 's/hybrid/pubkey/')
				id = $remote
			}
			children {
				lab {
					remote_ts = $target
					esp_proposals = $esp
					$child
				}
			}
		}
	}
	secrets {
		ike-lab {
			secret = "$secret"
		}
		xauth-lab {
			id = $user
			secret = "$password"
		}
	}
	END
}

# charon_try HOST [NAME=VALUE...]: connects; true when the tunnel is up
charon_try() {
	local host="$1" file="$SCRATCH/swanctl-$1/swanctl.conf"
	shift
	charon_conf "$@" > "$file"
	swanctl "$host" --load-all --clear --file "$file" > "$SCRATCH/seen" \
	    2>&1 || {
		tell_seen
		fail "swanctl does not take the configuration"
	}
	swanctl "$host" --initiate --child lab --timeout $((20 * SLOWNESS)) \
	    > "$RESULT/initiate-$host.log" 2>&1 &&
	    client_address "$host" | grep -q .
}

# charon_connect HOST [NAME=VALUE...]: a step of a scenario
charon_connect() {
	charon_try "$@" || {
		tail -15 "$RESULT/initiate-$1.log"
		fail "charon on $1 does not connect: $(tail -1 \
		    "$RESULT/initiate-$1.log")"
	}
	client_connected charon "$1"
}

charon_refused() {
	! charon_try "$@"
}

charon_disconnect() {
	want "charon on $1 ends the session" \
	    swanctl "$1" --terminate --ike lab --timeout 20
}

# charon_said HOST PATTERN: a line of its log matches
charon_said() {
	prints "$2" cat "$RESULT/charon-$1.log"
}
