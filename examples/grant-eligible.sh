# Grants the rewards of an event to all users who are eligible now, in lists of 10,000, checked like their own claims.
# API=https://laurel.example TOKEN=… bash examples/grant-eligible.sh EVENT_ID REASON
set -euo pipefail
: "${1:?EVENT_ID}" "${2:?REASON}" "${API:?}" "${TOKEN:?}"
LISTS=$(mktemp -d)
trap 'rm -r "$LISTS"' EXIT
curl -fsS -X POST "$API/v1/events/$1/simulate?users=true" -H "authorization: Bearer $TOKEN" |
  node -p 'JSON.parse(fs.readFileSync(0)).eligibleUsers.join("\n")' | sed '/^$/d' | split -l 10000 - "$LISTS/"
for LIST in $(find "$LISTS" -type f | sort); do
  REASON=$(node -p 'encodeURIComponent(process.argv[1])' "$2")
  { echo userId; cat "$LIST"; } | curl -fsS "$API/v1/events/$1/grants?condition=CHECK&reason=$REASON" \
    -H "authorization: Bearer $TOKEN" -H 'content-type: text/csv' --data-binary @- |
    node -p 'JSON.parse(fs.readFileSync(0)).results.map(({ code = "GRANTED" }) => code).join("\n")' | sort | uniq -c
done
