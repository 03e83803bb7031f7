step 'The operator defines an event with a reward and activates it.'
EVENT=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "Welcome, have 500 points",
  "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00", "timeZone": "Asia/Seoul",
  "condition": { "aggregation": "active_days", "activity": "user.visited", "target": 1 }
}' | take 201 id name)

curl -sSw "$OUT" "$API/v1/events/$EVENT/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "POINT", "name": "500 points", "amount": 500 }' | show 201 type amount

curl -sSw "$OUT" -X PATCH "$API/v1/events/$EVENT" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "status": "ACTIVE" }' | show 200 status
