# The claim waits. The operator reads the evidence, approves, and the item is there; the ADMIN sees who did what.
curl -sS "$API/v1/claims?status=PENDING" -H "authorization: Bearer $OPERATOR"; echo
curl -sS "$API/v1/users/$KIM_ID/activities?type=user.visited" -H "authorization: Bearer $OPERATOR"; echo
curl -sS -X POST "$API/v1/claims/$CLAIM/approve" -H "authorization: Bearer $OPERATOR" -H "$JSON" -d '{ "note": "Seven visits" }'; echo
curl -sS "$API/v1/users/me/wallet" -H "authorization: Bearer $KIM"; echo
curl -sS "$API/v1/audit/events?limit=1" -H "authorization: Bearer $ADMIN"; echo
