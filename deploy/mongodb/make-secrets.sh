#!/usr/bin/env bash
# Makes what MongoDB and its users need to trust each other, once: a file that is there is never replaced.
set -euo pipefail
umask 077

# file owner: 48 random bytes in base64; the users of the images read their own files only
make_secret () {
  if [ ! -s "$1" ]; then
    head -c 48 /dev/urandom | base64 -w 0 > "$1.new"
    mv "$1.new" "$1"
  fi
  chown "$2" "$1"
  chmod 400 "$1"
}

# name database: the password and the URI of a service's own user
make_user () {
  local dir=/secrets/$1
  if [ ! -s "$dir/mongodb-uri" ]; then
    # URI-safe: base64 without the characters that a URI would need escaped
    head -c 48 /dev/urandom | base64 -w 0 | tr -d '+/=' > "$dir/password.new"
    mv "$dir/password.new" "$dir/password"
    printf 'mongodb://%s:%s@mongodb:27017/laurel_%s?replicaSet=laurel&authSource=laurel_%s' "$1" "$(cat "$dir/password")" "$1" "$1" > "$dir/mongodb-uri.new"
    mv "$dir/mongodb-uri.new" "$dir/mongodb-uri"
  fi
  chown 1000:1000 "$dir" "$dir/mongodb-uri"
  chmod 400 "$dir/mongodb-uri" "$dir/password"
}

make_secret /secrets/mongodb/keyfile 999:999
make_secret /secrets/mongodb/root-password root
chmod 711 /secrets/mongodb
make_user auth
make_user event
