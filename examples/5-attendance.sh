step 'The ADMIN backfills the visits of the last seven days.'
KIM_ID=$(curl -sSw "$OUT" "$API/v1/users/me" -H "authorization: Bearer $KIM" | take 200 id name)
VISITS=$(node -p "JSON.stringify({ activities: [0, 1, 2, 3, 4, 5, 6].map(n => ({
  id: 'visit-' + n, userId: '$KIM_ID', type: 'user.visited', occurredAt: new Date(Date.now() - n * 86400000) })) })")
curl -sSw "$OUT" "$API/v1/activities" -H "authorization: Bearer $ADMIN" -H "$JSON" -d "$VISITS" |
  show 200 accepted duplicates

step 'The operator defines an event for seven days in a row. An operator reviews each claim.'
STREAK=$(curl -sSw "$OUT" "$API/v1/events" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{
  "name": "Seven days in a row",
  "startsAt": "2026-01-01T00:00:00+09:00", "endsAt": "2030-01-01T00:00:00+09:00", "timeZone": "Asia/Seoul",
  "condition": { "aggregation": "streak", "activity": "user.visited", "target": 7 },
  "grantMode": "REVIEW"
}' | take 201 id name grantMode)
curl -sSw "$OUT" "$API/v1/events/$STREAK/rewards" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "type": "ITEM", "itemId": "golden-laurel", "name": "Golden laurel", "amount": 1 }' | show 201 type itemId
curl -sSw "$OUT" -X PATCH "$API/v1/events/$STREAK" -H "authorization: Bearer $OPERATOR" -H "$JSON" \
  -d '{ "status": "ACTIVE" }' | show 200 status

step 'The user lists all running events with their progress, and claims.'
curl -sSw "$OUT" "$API/v1/users/me/events" -H "authorization: Bearer $KIM" |
  show 200 data.0.event.conditionText.en data.0.progress.current
CLAIM=$(curl -sSw "$OUT" -X POST "$API/v1/events/$STREAK/claims" -H "authorization: Bearer $KIM" | take 201 id status)
