"""What JSON Schema cannot say, so that schemathesis does not take for a valid request what is none: values that only an
earlier answer gives out, letters that no text may have, the years that an instant may have, names of time zones, and rules between two fields."""
import re

import schemathesis

GIVEN_OUT_BY_AN_ANSWER = {"cursor", "referralCode"}
# Text that people read needs a visible character.
TEXTS = {"name", "reason", "note", "reference", "en", "ko", "description"}
YEARS = {"endsAt": "2029", "claimUntil": "2030", "to": "2025"}


def leaves(condition):
    below = condition.get("all") or condition.get("any") or [] if isinstance(condition, dict) else []
    return sum(leaves(child) for child in below) if below else 1


def straighten(value, name=""):
    if isinstance(value, dict):
        if name == "condition" and leaves(value) > 10:
            return {"aggregation": "count", "activity": "quest.cleared", "target": 1}
        return {key: straighten(child, key) for key, child in value.items() if key not in GIVEN_OUT_BY_AN_ANSWER}
    if isinstance(value, list):
        return [straighten(child, name) for child in value]
    if isinstance(value, float):
        # A number that JavaScript would read as another one is refused.
        return round(value, 3) if abs(value) < 1_000_000_000 else 1.5
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return 1
    if isinstance(value, str):
        if name in TEXTS and value != "" and not re.search("[A-Za-z0-9]", value):
            return "A name"
        if name == "timeZone":
            return "Asia/Seoul"
        if name == "password":
            return "a long walk by the sea"
        if re.match(r"\d{4}-\d\d-\d\d[Tt]", value):
            return YEARS.get(name, "2024") + "-02-28T09:00:00Z"
        # NUL and halves of characters are refused in every text.
        return re.sub("[\x00\ud800-\udfff]", "x", value)
    return value


@schemathesis.serializer("text/csv")
def csv(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context, case, **kwargs):
    is_csv_of_grants = case.operation.path.endswith("/grants") and case.media_type == "text/csv"
    if case.meta is None or case.meta.generation.mode.value != "positive":
        if is_csv_of_grants:
            # A broken line is a result of its own; only a file without its columns is refused as a whole.
            case.body = "neither,of\nthese,columns\n"
        return
    case.query = straighten(case.query)
    case.body = straighten(case.body)
    if case.operation.path == "/v1/users" and case.method.upper() == "GET":
        # An OPERATOR finds by the beginning of a name only; the schema is that of an ADMIN, too.
        case.query = {"q": "operator"}
    if case.operation.path.endswith("/grants"):
        # The settings of a CSV file stand in the query, those of JSON in the body.
        case.query = {"condition": "CHECK", "reason": "Support"} if is_csv_of_grants else {}
    if case.operation.path == "/v1/users/{userId}" and case.method.upper() == "PATCH" and isinstance(case.body, dict):
        # Only a user without a password can be given to a machine client, and only to one that exists.
        case.body = {key: value for key, value in case.body.items() if key != "clientId"} or {"status": "ACTIVE"}
    if case.operation.path == "/v1/pause" and case.method.upper() == "PUT":
        # While granting is paused, what grants answers 503.
        case.body = {"paused": False, "reason": "The end of a pause"}
    if case.operation.path == "/v1/webhooks" and isinstance(case.body, dict):
        # Which addresses a webhook may have is more than a schema says.
        case.body = {**case.body, "url": "https://inventory.example.com/laurel"}
    if case.operation.path.endswith("/rewards/{rewardId}") and isinstance(case.body, dict) and case.method.upper() == "PATCH":
        # Only a reward itself tells whether its stock may be set: that of a COUPON is its pool.
        case.body = {"name": case.body.get("name", "renamed")}
    if case.headers:
        # A version that was seen, and a key that nobody has used: both are an earlier request's.
        case.headers.pop("if-match", None)
        case.headers.pop("idempotency-key", None)
