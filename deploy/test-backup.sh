#!/usr/bin/env bash
# Backs up and restores in compose, in the steps of docs/backup.md: after the database was lost, and after every volume
# was lost. What the platform shows has to be the same again. compose-kit.sh has the settings.
set -euo pipefail
cd "$(dirname "$0")/.."

. deploy/compose-kit.sh
trap clean_up EXIT

export BACKUP_DIR=$dir/backups
mkdir "$BACKUP_DIR"
[ "$(id -u)" != 0 ] || chown 1000:1000 "$BACKUP_DIR"
backup () { compose --profile backup run --rm backup "$@"; }

get () { curl -sSf "$API$1" -H "authorization: Bearer $2"; echo; }
# What operators and a player see. Cursors are signed anew, so they are left out.
figures () {
  for path in /v1/claims/export '/v1/events?limit=100' '/v1/users?limit=100' /v1/stats /v1/audit/accounts; do
    get "$path" "$ADMIN"
  done
  for path in wallet claims events coupons; do get "/v1/users/me/$path" "$KIM"; done
}
same () {
  figures > "$dir/after"
  diff "$dir/before" "$dir/after" > "$dir/diff" || { head -c 2000 "$dir/diff"; exit 1; }
}

echo '== back up'
compose --profile backup build --quiet backup $services
compose up --detach $services
wait_for 180 ready
tell_story
tell_story
backup backup /backups/first
figures > "$dir/before"
tell_story
same && exit 1
echo 'ok: the story was told twice, saved, and told once more'
cat "$dir/diff" | wc; cp $dir/before $dir/after /tmp/ops2/
