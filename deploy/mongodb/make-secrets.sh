#!/usr/bin/env bash
# Generates the secrets that MongoDB and its users share. Never replaces an existing file.
set -euo pipefail
umask 077

# make_secret FILE OWNER: 48 random bytes in base64, readable by the owner only.
make_secret () {
  if [ ! -s "$1" ]; then
    head -c 48 /dev/urandom | base64 -w 0 > "$1.new"
    mv "$1.new" "$1"
  fi
  chown "$2" "$1"
  chmod 400 "$1"
}

# make_user NAME DATABASE QUERY: the password and the connection string of a user of that database.
make_user () {
  local dir=/secrets/$1
  if [ ! -s "$dir/mongodb-uri" ]; then
    # Base64 without the characters that need escaping in a URI.
    head -c 48 /dev/urandom | base64 -w 0 | tr -d '+/=' > "$dir/password.new"
    mv "$dir/password.new" "$dir/password"
    printf 'mongodb://%s:%s@mongodb:27017/%s?%s&authSource=%s' "$1" "$(cat "$dir/password")" "$2" "$3" "$2" \
      > "$dir/mongodb-uri.new"
    mv "$dir/mongodb-uri.new" "$dir/mongodb-uri"
  fi
  chown 1000:1000 "$dir" "$dir/mongodb-uri"
  chmod 400 "$dir/mongodb-uri" "$dir/password"
}

make_secret /secrets/mongodb/keyfile 999:999
make_secret /secrets/mongodb/root-password root
chmod 711 /secrets/mongodb
make_user auth laurel_auth replicaSet=laurel
make_user event laurel_event replicaSet=laurel
make_user monitor admin directConnection=true
