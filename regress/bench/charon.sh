# strongSwan's charon in the bench: its configuration, at its best (why it is
# thought to be is in README.md), its start and its end.  Sourced by
# regress/bench/run after gateway.sh; $mode, $auth and $group are the row's.
# regress/bench/charon has made the program.

SWAN=$OUTPUT/bench/charon/root
SWANCTL_DIR=$WORK/swanctl
STRONGSWAN_CONF=$WORK/strongswan.conf
export SWANCTL_DIR STRONGSWAN_CONF
VICI=unix:///run/charon-bench/vici

# swan_dh: the plugin that does Diffie-Hellman, first in the list: gmp is the
# faster one with primes, OpenSSL with curves
swan_dh() {
	case "${BENCH_CHARON_DH:-$group}" in
	openssl|ecp*) echo "openssl gmp" ;;
	*)	echo "gmp openssl" ;;
	esac
}

# swan_table COUNT: a table with more rows than sessions, a power of two
swan_table() {
	size=1024
	while [ "$size" -lt $(($1 * 4)) ]; do
		size=$((size * 2))
	done
	echo "$size"
}

# swan_conf COUNT: of the process
swan_conf() {
	cat <<-END
	charon {
	        load = random nonce aes sha1 sha2 hmac kdf $(swan_dh) pem pkcs1 pkcs8 pubkey x509 constraints load-tester kernel-netlink socket-default vici xauth-generic
	        threads = ${BENCH_CHARON_THREADS:-8}
	        ikesa_table_size = $(swan_table "$1")
	        ikesa_table_segments = 16
	        dh_exponent_ansi_x9_42 = no
	        dos_protection = no
	        cookie_threshold = 0
	        cookie_threshold_ip = 0
	        block_threshold = 0
	        init_limit_half_open = 0
	        init_limit_job_load = 0
	        install_routes = no
	        install_virtual_ip = no
	        i_dont_care_about_security_and_use_aggressive_mode_psk = yes
	        filelog {
	                bench {
	                        path = $WORK/charon.log
	                        default = ${BENCH_CHARON_DEBUG:--1}
	                }
	        }
	        plugins {
	                load-tester {
	                        enable = yes
	                        fake_kernel = yes
	                }
	                kernel-netlink {
	                        process_route = no
	                        roam_events = no
	                }
	                socket-default {
	                        use_ipv6 = no
	                }
	                vici {
	                        socket = $VICI
	                }
	        }
	}
	END
}

# swan_proposal CIPHER HASH [GROUP]: in its words
swan_proposal() {
	echo "$*" | sed 's/aes-/aes/; s/sha2-/sha/; s/ /-/g'
}

# swan_sides: how both prove who they are
swan_sides() {
	if [ "$auth" = rsa ]; then
		cat <<-END
		local {
		        auth = pubkey
		        certs = gateway.pem
		}
		remote {
		        auth = pubkey
		        cacerts = ca.pem
		}
		END
	else
		cat <<-END
		local {
		        auth = psk
		}
		remote {
		        auth = psk
		}
		END
	fi
}

# swan_connections: what swanctl loads
swan_connections() {
	aggressive=no
	[ "$mode" = main ] || aggressive=yes
	cat <<-END
	connections {
	        bench {
	                version = 1
	                aggressive = $aggressive
	                local_addrs = $ADDRESS
	                proposals = $(swan_proposal $BENCH_IKE "$group")
	                pools = bench
	                unique = never
	                send_cert = always
	                send_certreq = no
	                dpd_delay = 0
	                rekey_time = 86400
	                over_time = 0
	                rand_time = 0
	$(swan_sides)
	                remote-xauth {
	                        auth = xauth
	                }
	                children {
	                        bench {
	                                local_ts = 0.0.0.0/0
	                                esp_proposals = $(swan_proposal $BENCH_ESP)
	                                rekey_time = 0
	                        }
	                }
	        }
	}
	pools {
	        bench {
	                addrs = 10.128.0.1-10.129.255.254
	        }
	}
	secrets {
	        xauth-all {
	                secret = password
	        }
	        ike-all {
	                secret = "$KEY"
	        }
	}
	END
}

# swan_files COUNT
swan_files() {
	rm -rf "$SWANCTL_DIR"
	mkdir -p "$SWANCTL_DIR/x509" "$SWANCTL_DIR/x509ca" \
	    "$SWANCTL_DIR/private" /run/charon-bench
	rm -f /run/charon-bench/*
	if [ "$auth" = rsa ]; then
		cp "$PKI/gateway.pem" "$SWANCTL_DIR/x509"
		cp "$PKI/gateway.key" "$SWANCTL_DIR/private"
		cp "$PKI/ca.pem" "$SWANCTL_DIR/x509ca"
	fi
	swan_conf "$1" > "$STRONGSWAN_CONF"
	swan_connections > "$SWANCTL_DIR/swanctl.conf"
}

# try_charon: tell it the configuration, once, and try a connect
try_charon() {
	if [ -z "$loaded" ]; then
		"$SWAN/sbin/swanctl" --load-all --noprompt --uri "$VICI" ||
		    return
		loaded=yes
	fi
	try_one
}

# start_charon COUNT
start_charon() {
	swan_files "$1"
	loaded=
	BENCH_GATEWAY="\"$SWAN/libexec/ipsec/charon\""
	start_gateway try_charon
}

# No farewell to each of its sessions: it would take minutes.
stop_charon() {
	[ -n "$GATEWAY" ] || return
	kill -9 "$GATEWAY"
	wait "$GATEWAY" 2>/dev/null
	GATEWAY=
}
