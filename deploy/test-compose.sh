#!/usr/bin/env bash
# Builds and starts the compose file, tells the story, and stops it in every way. Each container has to exit with 0, within
# 10 seconds. Takes everything away again. COMPOSE names the program and further files: COMPOSE='docker compose -f a -f b'.
set -euo pipefail
cd "$(dirname "$0")/.."

read -r -a compose <<< "${COMPOSE:-docker compose}"
compose () { "${compose[@]}" --project-name laurel-test "$@"; }
services=${SERVICES:-}
export PORT=${PORT:-13000} METRICS_PORT=${METRICS_PORT:-19464} BCRYPT_COST=6 RATE_LIMIT_PER_MINUTE=0 LOGIN_LIMIT_PER_MINUTE=0
export API=http://127.0.0.1:$PORT
dir=$(mktemp -d)
trap 'compose down --volumes --timeout 10 > /dev/null 2>&1 || true; rm -rf "$dir"' EXIT

wait_for () { # SECONDS COMMAND…
  local end=$((SECONDS + $1)); shift
  until "$@" > /dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then echo "failed: $*"; compose ps; compose logs --tail 20; exit 1; fi
    sleep 0.5
  done
}
ready () { curl -sf "$API/health/ready"; }
containers () { docker ps -aq --filter label=com.docker.compose.project=laurel-test; }

# Every container, also those that only prepare something, has ended with 0.
all_ended_well () {
  local id bad=0
  for id in $(containers); do
    docker inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.Name}}' "$id" \
      | grep -q '^exited 0 false' || { docker inspect --format 'failed: {{.Name}} {{.State.Status}} {{.State.ExitCode}}' "$id"; bad=1; }
  done
  return $bad
}

tell_story () {
  ADMIN_PASSWORD=$(compose exec -T auth-service cat /data/first-admin-password)
  export ADMIN_PASSWORD
  for part in examples/*.sh; do . "$part"; done > "$dir/story"
  grep -q GRANTED "$dir/story"
}

echo '== build and start'
compose build --quiet $services
compose up --detach --no-build $services
wait_for 180 ready
tell_story
echo 'ok: the story was told'

if [ -n "$(compose ps -q prometheus)" ]; then
  query='sum(up{job=~"gateway|auth-service|event-service|mongodb"}) + sum(mongodb_up) == 5'
  wait_for 60 sh -c "curl -sfG http://127.0.0.1:${PROMETHEUS_PORT:-9090}/api/v1/query --data-urlencode 'query=$query' | grep -q '\"5\"'"
  echo 'ok: Prometheus reads all three servers and MongoDB'
fi

echo '== stop'
begun=$SECONDS
compose stop --timeout 10
all_ended_well
echo "ok: every container ended with 0, within $((SECONDS - begun)) s"

echo '== start again, in the foreground, then Ctrl-C'
setsid "${compose[@]}" --project-name laurel-test up --no-build $services > "$dir/up" 2>&1 &
foreground=$!
wait_for 180 ready
tell_story
begun=$SECONDS
kill -INT -- "-$foreground"
wait "$foreground" || true
all_ended_well
echo "ok: Ctrl-C ended every container with 0, within $((SECONDS - begun)) s"

echo '== kill and restart each container'
compose up --detach --no-build $services
wait_for 180 ready
for service in mongodb auth-service event-service gateway; do
  compose kill -s KILL "$service" > /dev/null
  compose up --detach --no-build $services > /dev/null
  wait_for 120 ready
  tell_story
  echo "ok: after kill -9 of $service"
done

echo '== a rolling replacement of every instance of the services under load'
# Requests of a user, one after the other; every answer has to be 200.
compose up --detach --no-build --scale gateway=1 --scale auth-service=2 --scale event-service=2 $services > /dev/null
wait_for 120 ready
(
  failures=0 requests=0
  while [ ! -e "$dir/stop" ]; do
    for path in users/me events users/me/events; do
      status=$(curl -s -o /dev/null -w '%{http_code}' "$API/v1/$path" -H "authorization: Bearer $KIM" || true)
      requests=$((requests + 1))
      [ "$status" = 200 ] || { failures=$((failures + 1)); echo "$path $status" >> "$dir/failures"; }
    done
  done
  echo "$requests requests, $failures failed" > "$dir/load"
) &
load=$!
for service in auth-service event-service; do
  for id in $(compose ps -q "$service"); do
    docker restart --time 10 "$id" > /dev/null
    wait_for 60 sh -c "[ \"\$(docker inspect --format '{{.State.Health.Status}}' $id)\" = healthy ]"
  done
done
touch "$dir/stop"
wait "$load"
cat "$dir/load"
grep -q ' 0 failed' "$dir/load" || { sort "$dir/failures" | uniq -c; exit 1; }
echo 'ok: no request failed while every instance of the services was replaced'

echo '== down'
begun=$SECONDS
compose down --volumes --timeout 10
[ -z "$(containers)" ]
echo "ok: down, within $((SECONDS - begun)) s"
