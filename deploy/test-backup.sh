#!/usr/bin/env bash
# Tests backup and restore with compose, with the steps of docs/backup.md: after the loss of the database, and after the
# loss of all volumes. Afterwards, the platform must show the same data. compose-kit.sh describes the settings.
set -euo pipefail
cd "$(dirname "$0")/.."

. deploy/compose-kit.sh
trap clean_up EXIT

export BACKUP_DIR=$dir/backups
mkdir "$BACKUP_DIR"
[ "$(id -u)" != 0 ] || chown 1000:1000 "$BACKUP_DIR"
chmod 711 "$dir"
backup () { compose --profile backup run --rm backup "$@"; }

get () { curl -sSf "$API$1" -H "authorization: Bearer $2" && echo; }
# The data that operators and a player see.
figures () {
  for path in /v1/claims/export '/v1/events?limit=100' '/v1/users?limit=100' /v1/stats /v1/audit/accounts; do
    get "$path" "$admin"
  done
  for path in wallet claims events coupons; do get "/v1/users/me/$path" "$kim"; done
}
same () {
  figures > "$dir/after"
  diff "$dir/before" "$dir/after" > "$dir/diff" || { head -c 2000 "$dir/diff"; return 1; }
}

echo '== back up'
compose --profile backup build --quiet backup $services
compose up --detach $services
wait_for 180 ready
tell_story
tell_story
admin=$ADMIN kim=$KIM kim_email=kim-$RUN@example.com
backup backup /backups/first
figures > "$dir/before"
tell_story
if same > /dev/null; then exit 1; fi
echo 'ok: the story ran twice, was backed up, and ran once more'

echo '== the database is lost'
compose rm --force --stop mongodb mongodb-setup auth-service event-service > /dev/null 2>&1
docker volume rm laurel-test_mongodb-data > /dev/null
backup restore /backups/first
compose up --detach $services > /dev/null 2>&1
wait_for 180 ready
same
echo 'ok: restored into a new volume; access tokens are still accepted'

echo '== replace the contents of the databases'
tell_story
compose stop auth-service event-service > /dev/null 2>&1
if backup restore /backups/first; then echo 'failed: restored into databases that are not empty'; exit 1; fi
backup restore /backups/first --replace
compose up --detach $services > /dev/null 2>&1
wait_for 180 ready
same
echo 'ok: restored with --replace'

echo '== all volumes are lost'
password=$ADMIN_PASSWORD
compose exec -T auth-service cat /data/jwt-private-key.pem > "$dir/jwt-private-key.pem"
compose down --volumes --timeout 10 > /dev/null 2>&1
backup restore /backups/first
compose up --detach $services > /dev/null 2>&1
wait_for 180 ready
if get /v1/users/me "$kim" 2> /dev/null; then echo 'failed: a token of a lost key was accepted'; exit 1; fi
admin=$(sign_in admin@example.com "$password")
kim_before=$kim
kim=$(sign_in "$kim_email" "$PASSWORD")
same
echo 'ok: restored on an empty machine; all users have to log in again'

echo '== restore the signing key'
compose stop auth-service > /dev/null 2>&1
compose run --rm --no-deps -T auth-service sh -c 'cat > /data/jwt-private-key.pem' < "$dir/jwt-private-key.pem"
compose up --detach $services > /dev/null 2>&1
wait_for 180 ready
wait_for 30 get /v1/users/me "$kim_before"
echo 'ok: earlier access tokens are accepted again'
