# Our gateway in the bench: its configuration and its users.  Sourced by
# regress/bench/run after gateway.sh; $mode, $auth and $group are the row's.

# ours_conf: of one row
ours_conf() {
	set -- $BENCH_IKE $BENCH_ESP
	legacy=
	case "$group $1 $2" in
	*modp768*|*modp1024*|*modp1536*|*des*|*md5*) legacy="legacy " ;;
	esac
	legacy_esp=
	case "$3 $4" in
	*des*|*md5*) legacy_esp="legacy " ;;
	esac
	cat <<-END
	interface outside lo security 0 { address $ADDRESS/8 }
	listen on $ADDRESS port 500 nat-t port 4500
	pool "bench" 10.128.0.1 - 10.129.255.254
	${legacy}ike policy 10 $auth $1 $2 $group lifetime 1d
	${legacy_esp}esp "bench" $3 $4
	limits {
	        half-open 20000
	        half-open-source 20000
	        sessions 200000
	        dh-rate 100000
	}
	END
	case "$mode $auth" in
	*rsa)
		cat <<-END
		certificate file "$PKI/gateway.pem" key file "$PKI/gateway.key"
		ca "Test CA" file "$PKI/ca.pem"
		END
		who='group "staff"' proof='ca "Test CA"' ;;
	main*)	who='peer any' proof="key \"$KEY\"" ;;
	*)	who='group "bench"' proof="key \"$KEY\"" ;;
	esac
	cat <<-END
	$who {
	        $proof
	        pool "bench"
	        login "LOCAL"
	        esp "bench"
	}
	END
}

# ours_users COUNT: those of the first load and of the second, and the one that
# tries whether it is up
ours_users() {
	awk -v n="$1" -v hash="$HASH" 'BEGIN {
		for (i = 0; i < n; i++) {
			print "u" i ":" hash
			print "h" i ":" hash
		}
		print "warm0:" hash }'
}

# start_ikerd COUNT
start_ikerd() {
	ours_conf > "$CONF"
	chmod 600 "$CONF"
	ours_users "$1" | new_state
	BENCH_GATEWAY=$OURS
	start_gateway try_one
}

stop_ikerd() {
	stop_gateway
}
