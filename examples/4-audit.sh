step 'The auditor reads who was granted what and why, and cannot change anything.'
curl -sSw "$OUT" "$API/v1/claims?eventId=$EVENT" -H "authorization: Bearer $AUDITOR" |
  show 200 data.0.status data.0.progress.current
curl -sSw "$OUT" -X PATCH "$API/v1/events/$EVENT" -H "authorization: Bearer $AUDITOR" -H "$JSON" \
  -d '{ "status": "INACTIVE" }' | show 403 code
