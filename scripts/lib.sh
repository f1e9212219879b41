# What the scripts share: they source it. Says what it does, installs only what is missing.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

say() { printf '%s\n' "$*"; }

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Seconds since START ($1, from $EPOCHREALTIME), with one decimal.
seconds_since() {
    awk -v start="${1/,/.}" -v now="${EPOCHREALTIME/,/.}" 'BEGIN { printf "%.1f", now - start }'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root: run '$*' as root, then start again"
    fi
}

# apt_install WHY PACKAGE...
apt_install() {
    local why=$1 log
    shift
    command -v apt-get >/dev/null || die "$why: install $* with this system's package manager, then start again"
    say "installing $* ($why)"
    log=$(mktemp)
    # Package lists may be missing (containers) or stale; an old list is still worth a try.
    as_root apt-get update -qq >"$log" 2>&1 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "apt-get could not install $*"
    }
    rm -f "$log"
}

# The folder with initdb and postgres, newest version first; nothing when there is none.
postgres_folder() {
    local program
    if [ -n "${SQLIFT_PG_BIN:-}" ]; then
        say "$SQLIFT_PG_BIN"
        return
    fi
    program=$(find /usr/lib/postgresql/*/bin -maxdepth 1 -name postgres 2>/dev/null | sort -V | tail -n 1)
    [ -n "$program" ] || program=$(command -v postgres || true)
    [ -z "$program" ] || dirname "$program"
}

# need PROGRAM...: what a build needs, and PostgreSQL's server for the tests.
need() {
    local program
    # A fresh installation by rustup is on PATH only in new shells.
    [ -d "$HOME/.cargo/bin" ] && PATH=$PATH:$HOME/.cargo/bin
    for program in "$@"; do
        case $program in
        cargo) command -v cargo >/dev/null || die "Rust is missing: install it from https://rustup.rs, then start again" ;;
        cc) command -v cc >/dev/null || apt_install "a C compiler builds the embedded SQLite" gcc libc6-dev ;;
        python3) command -v python3 >/dev/null || apt_install "the gates are Python scripts" python3 ;;
        postgres)
            if [ -z "$(postgres_folder)" ]; then
                say "PostgreSQL's server is missing; we use its programs only, with servers and folders of our own"
                apt_install "PostgreSQL's server, for temporary databases" postgresql
            fi
            [ -n "$(postgres_folder)" ] || die "PostgreSQL's programs are not where they were looked for; set SQLIFT_PG_BIN to their folder"
            PATH=$PATH:$(postgres_folder)
            ;;
        valgrind) command -v valgrind >/dev/null || apt_install "instructions are counted by callgrind" valgrind ;;
        pgbouncer)
            # Debian keeps it where only root looks.
            PATH=$PATH:/usr/sbin
            command -v pgbouncer >/dev/null || apt_install "PgBouncer, for the tests behind a pooler" pgbouncer
            ;;
        *) command -v "$program" >/dev/null || die "$program is missing" ;;
        esac
    done
    export PATH
}

# Where cargo puts what it builds.
target_folder() {
    cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}
