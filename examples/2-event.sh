# The operator defines an event with a reward, and switches it on.
EVENT=$(curl -sS "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "Welcome, have 500 points",
  "startsAt": "2026-01-01T00:00:00+09:00",
  "endsAt": "2030-01-01T00:00:00+09:00",
  "timeZone": "Asia/Seoul",
  "condition": { "aggregation": "active_days", "activity": "user.visited", "target": 1 }
}' | read_json .id)

curl -sS "$API/v1/events/$EVENT/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "POINT", "name": "500 points", "amount": 500 }'; echo

curl -sS -X PATCH "$API/v1/events/$EVENT" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{ "status": "ACTIVE" }'; echo
