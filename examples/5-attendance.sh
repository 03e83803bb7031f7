# Seven days in a row, and an operator looks before it is granted. Last week's visits are backfilled by the ADMIN.
KIM_ID=$(curl -sS "$API/v1/users/me" -H "authorization: Bearer $KIM" | read_json .id)
VISITS=$(node -p "JSON.stringify({ activities: [0, 1, 2, 3, 4, 5, 6].map(n => ({
  id: 'visit-' + n, userId: '$KIM_ID', type: 'user.visited', occurredAt: new Date(Date.now() - n * 86400000) })) })")
curl -sS "$API/v1/activities" -H "authorization: Bearer $ADMIN" -H "$JSON" -d "$VISITS"; echo

STREAK=$(curl -sS "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "Seven days in a row",
  "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00", "timeZone": "Asia/Seoul",
  "condition": { "aggregation": "streak", "activity": "user.visited", "target": 7 },
  "grantMode": "REVIEW"
}' | read_json .id)
curl -sS "$API/v1/events/$STREAK/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "ITEM", "itemId": "golden-laurel", "name": "Golden laurel", "amount": 1 }'; echo
curl -sS -X PATCH "$API/v1/events/$STREAK" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{ "status": "ACTIVE" }' > /dev/null

# Everything that runs, with my progress: a client's whole event screen.
curl -sS "$API/v1/users/me/events" -H "authorization: Bearer $KIM"; echo
CLAIM=$(curl -sS -X POST "$API/v1/events/$STREAK/claims" -H "authorization: Bearer $KIM" | read_json .id)
