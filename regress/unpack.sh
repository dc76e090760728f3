# Packages that are fetched and unpacked, never installed: servers that would
# listen on this machine, kernels, and what cannot be installed together.
# Sourced.

# unpack DIRECTORY PACKAGE...: done once for the same packages
unpack() {
	directory=$1
	shift
	[ "$(cat "$directory/ready" 2>/dev/null)" = "$*" ] && return
	echo "fetching $*" >&2
	rm -rf "$directory"
	mkdir -p "$directory"
	(cd "$directory" &&
	    apt-get -qq -o APT::Sandbox::User=root download "$@") || return 1
	for package in "$directory"/*.deb; do
		dpkg -x "$package" "$directory" || return 1
		rm -f "$package"
	done
	[ ! -d "$directory/lib/modules" ] ||
	    depmod -b "$directory" "$(ls "$directory/lib/modules")" || return 1
	echo "$*" > "$directory/ready"
}
