#!/usr/bin/env bash
# make-secrets.sh [MONGODB_URI_OF_AUTH MONGODB_URI_OF_EVENT]: creates the secrets that the manifests refer to. Without
# connection strings it also generates the passwords of the MongoDB in the overlay `small`. Never replaces an existing
# secret. Needs kubectl and openssl.
set -euo pipefail
umask 077

namespace=laurel
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

make_password () { openssl rand -base64 36 | tr -d '+/=\n'; }
exists () { kubectl -n "$namespace" get secret "$1" > /dev/null 2>&1; }
create () { kubectl -n "$namespace" create secret generic "$@"; }
uri_of () {
  printf 'mongodb://%s:%s@mongodb:27017/laurel_%s?replicaSet=laurel&authSource=laurel_%s' "$1" "$2" "$1" "$1"
}

kubectl get namespace "$namespace" > /dev/null 2>&1 || kubectl create namespace "$namespace"

if ! exists laurel-signing-keys; then
  # auth-service signs with the key whose name sorts last, so a key that is added later takes over.
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/$(date -u +%Y-%m-%d).pem"
  create laurel-signing-keys --from-file="$dir"
fi

if [ $# -eq 2 ]; then
  auth_uri=$1
  event_uri=$2
elif ! exists laurel-mongodb; then
  auth_password=$(make_password)
  event_password=$(make_password)
  create laurel-mongodb \
    --from-literal=keyfile="$(make_password)" \
    --from-literal=root-password="$(make_password)" \
    --from-literal=auth-password="$auth_password" \
    --from-literal=event-password="$event_password" \
    --from-literal=monitor-password="$(make_password)"
  auth_uri=$(uri_of auth "$auth_password")
  event_uri=$(uri_of event "$event_password")
else
  read_key () { kubectl -n "$namespace" get secret laurel-mongodb -o "jsonpath={.data.$1}" | base64 -d; }
  auth_uri=$(uri_of auth "$(read_key auth-password)")
  event_uri=$(uri_of event "$(read_key event-password)")
fi

if ! exists laurel-auth-service; then
  password=$(make_password)
  create laurel-auth-service --from-literal=mongodb-uri="$auth_uri" --from-literal=admin-password="$password"
  echo "Password of the first ADMIN: $password"
fi
exists laurel-event-service || create laurel-event-service --from-literal=mongodb-uri="$event_uri"
