"""What JSON Schema cannot say, so that schemathesis does not take for a valid request what is none: values that only an
earlier answer gives out, letters that no text may have, the years that an instant may have, names of time zones, and rules between two fields."""
import re

import schemathesis

GIVEN_OUT_BY_AN_ANSWER = {"cursor", "referralCode"}
# Text for people must contain a visible character.
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
        # A number that JavaScript cannot represent exactly is rejected.
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
        # NUL and lone surrogates are rejected in every string.
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
            # An invalid line only affects the result of that line. A file is rejected as a whole only if columns are
            # missing.
            case.body = "neither,of\nthese,columns\n"
        return
    case.query = straighten(case.query)
    case.body = straighten(case.body)
    if case.operation.path == "/v1/users" and case.method.upper() == "GET":
        # The schema covers ADMIN and OPERATOR, but an OPERATOR can search only by the beginning of a name.
        case.query = {"q": "operator"}
    if case.operation.path.endswith("/grants"):
        # For CSV, the options are in the query string; for JSON, they are in the body.
        case.query = {"condition": "CHECK", "reason": "Support"} if is_csv_of_grants else {}
    if case.operation.path == "/v1/users/{userId}" and case.method.upper() == "PATCH" and isinstance(case.body, dict):
        # Only a user without a password can be assigned to a machine client, and the client must exist.
        case.body = {key: value for key, value in case.body.items() if key != "clientId"} or {"status": "ACTIVE"}
    if case.operation.path == "/v1/pause" and case.method.upper() == "PUT":
        # While granting is paused, operations that grant rewards answer 503.
        case.body = {"paused": False, "reason": "The end of a pause"}
    if case.operation.path == "/v1/webhooks" and isinstance(case.body, dict):
        # A schema cannot express all rules for the URL of a webhook.
        case.body = {**case.body, "url": "https://inventory.example.com/laurel"}
    if case.operation.path.endswith("/rewards/{rewardId}") and isinstance(case.body, dict) and case.method.upper() == "PATCH":
        # Whether stock can be set depends on the type of the reward: the stock of a COUPON is its pool.
        case.body = {"name": case.body.get("name", "renamed")}
    if case.headers:
        # Versions and Idempotency-Keys depend on earlier requests.
        case.headers.pop("if-match", None)
        case.headers.pop("idempotency-key", None)
