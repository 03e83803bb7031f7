# A user registers and signs in, which is the visit that the event asks for.
curl -sS "$API/v1/auth/register" -H "$JSON" -d "{\"email\":\"kim-$RUN@example.com\",\"password\":\"a walk by the sea\",\"name\":\"Kim\"}"; echo
KIM=$(sign_in "kim-$RUN@example.com" 'a walk by the sea')

# How far am I? Then: my reward, please. The second time it is refused, and says why.
curl -sS "$API/v1/events/$EVENT/progress" -H "authorization: Bearer $KIM"; echo
curl -sS -X POST "$API/v1/events/$EVENT/claims" -H "authorization: Bearer $KIM"; echo
curl -sS -X POST "$API/v1/events/$EVENT/claims" -H "authorization: Bearer $KIM"; echo

# What I own now, and what I asked for.
curl -sS "$API/v1/users/me/wallet" -H "authorization: Bearer $KIM"; echo
curl -sS "$API/v1/users/me/claims" -H "authorization: Bearer $KIM"; echo
