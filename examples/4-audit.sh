# The auditor reads who was granted what, when and why, and can change nothing.
curl -sS "$API/v1/claims?eventId=$EVENT" -H "authorization: Bearer $AUDITOR"; echo
curl -sS -X PATCH "$API/v1/events/$EVENT" -H "authorization: Bearer $AUDITOR" -H "$JSON" -d '{ "status": "INACTIVE" }'; echo
