#!/usr/bin/env bash
# Builds and starts the compose file, runs the story, stops the containers in every way, kills each of them, and
# replaces each instance under load. A stopped container must exit with 0 within 10 seconds. Removes everything at the
# end. compose-kit.sh describes the settings.
set -euo pipefail
cd "$(dirname "$0")/.."

. deploy/compose-kit.sh
load=
trap '[ -z "$load" ] || kill -9 "$load"; clean_up' EXIT

# Every container, including the setup containers, has exited with 0.
all_ended_well () {
  local id bad=0
  for id in $(containers); do
    if ! docker inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.Name}}' "$id" \
      | grep -q '^exited 0 false'; then
      docker inspect --format 'failed: {{.Name}} {{.State.Status}} {{.State.ExitCode}}' "$id"
      bad=1
    fi
  done
  return $bad
}

# Exit code 0 means that a container took less than 10 seconds; after that, Docker kills it. Compose stops some
# containers after others.
within () { # BEGUN [SECONDS]
  [ $((SECONDS - $1)) -le "${2:-20}" ] || { echo "failed: it took $((SECONDS - $1)) s"; return 1; }
}

echo '== build and start'
compose build --quiet $services
compose up --detach --no-build $services
wait_for 180 ready
tell_story
echo 'ok: the story ran'

if [ -n "$(compose ps -q prometheus)" ]; then
  query='sum(up{job=~"gateway|auth-service|event-service|mongodb"}) + sum(mongodb_up) == 5'
  prometheus=http://127.0.0.1:${PROMETHEUS_PORT:-9090}
  wait_for 60 sh -c "curl -sfG $prometheus/api/v1/query --data-urlencode 'query=$query' | grep -q '\"5\"'"
  echo 'ok: Prometheus scrapes all three servers and MongoDB'
  node deploy/check-dashboard.mjs "$prometheus" 90
  echo 'ok: every panel of the dashboard has data'
fi

echo '== stop'
begun=$SECONDS
compose stop --timeout 10
all_ended_well
within "$begun"
echo "ok: every container exited with 0 within $((SECONDS - begun)) s"

echo '== start again, in the foreground, then Ctrl-C'
setsid "${compose[@]}" --project-name laurel-test up --no-build $services > "$dir/up" 2>&1 &
foreground=$!
wait_for 180 ready
tell_story
begun=$SECONDS
kill -INT -- "-$foreground"
wait "$foreground" || true
all_ended_well
within "$begun"
echo "ok: after Ctrl-C, every container exited with 0 within $((SECONDS - begun)) s"

echo '== kill each container; Docker or the next `up` starts it again'
compose up --detach --no-build $services
wait_for 180 ready
for service in $(compose ps --services); do
  compose kill -s KILL "$service" > /dev/null
  begun=$SECONDS
  compose up --detach --no-build $services > /dev/null 2>&1
  wait_for 120 ready
  tell_story
  echo "ok: after kill -9 of $service, the story ran within $((SECONDS - begun)) s"
done

echo '== replace every instance of every server under load'
# Two instances of each server. A load balancer sends requests to the gateways that are ready.
scale=(--scale gateway=2 --scale auth-service=2 --scale event-service=2)
compose up --detach --no-build "${scale[@]}" $services > /dev/null 2>&1
for url in $gateways; do wait_for 120 curl -sf "$url/health/ready"; done
KIM=$KIM ADMIN=$ADMIN node deploy/rolling-load.mjs $gateways > "$dir/load" &
load=$!
for service in auth-service event-service gateway; do
  for id in $(compose ps -q "$service"); do
    docker stop --time 10 "$id" > /dev/null
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$id")" = 0 ]
    docker rm "$id" > /dev/null
    compose up --detach --no-build --no-deps --no-recreate --scale "$service=2" "$service" > /dev/null 2>&1
    for new in $(compose ps -q "$service"); do
      wait_for 120 sh -c "[ \"\$(docker inspect --format '{{.State.Health.Status}}' $new)\" = healthy ]"
    done
  done
  echo "ok: $service was replaced"
done
kill -TERM "$load"
if ! wait "$load"; then
  load=
  cat "$dir/load"
  compose logs gateway | grep -E '"status":5|"level":[4-6]0' | tail -20
  exit 1
fi
load=
cat "$dir/load"
echo 'ok: no request failed while every instance was replaced'

echo '== stop the servers while MongoDB is gone'
compose kill -s KILL mongodb > /dev/null
begun=$SECONDS
compose stop --timeout 10 gateway event-service auth-service > /dev/null 2>&1
for service in gateway event-service auth-service; do
  for id in $(compose ps --all -q "$service"); do [ "$(docker inspect --format '{{.State.ExitCode}}' "$id")" = 0 ]; done
done
# Compose stops one kind of server after the other.
within "$begun" 30
echo "ok: every server exited with 0 within $((SECONDS - begun)) s"

echo '== down'
begun=$SECONDS
compose down --volumes --timeout 10
[ -z "$(containers)" ]
within "$begun"
echo "ok: down, within $((SECONDS - begun)) s"
