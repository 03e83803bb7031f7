"""Register, log in, create an event, claim it, and read a refusal, with openapi-python-client."""
import datetime
import sys
import uuid

from laurel_client import AuthenticatedClient, Client
from laurel_client.api.activities import ingest_activities
from laurel_client.api.claims import claim
from laurel_client.api.events import create_event, update_event
from laurel_client.api.rewards import add_reward
from laurel_client.api.sign_in import login, register
from laurel_client.models import (
    ActivityBatch, Aggregation, All, AllProgress, Claim, ClaimProblem, ClaimRefusal, ClaimStatus, Credentials, Event,
    EventPatch, EventStatus, Leaf, LeafProgress, NewActivity, NewEvent, NewPointReward, Registration, Tokens, User)

url, admin_password = sys.argv[1:3]
password = "a long walk by the sea"
anonymous = Client(base_url=url)


def log_in(email, password):
    tokens = login.sync(client=anonymous, body=Credentials(email=email, password=password))
    assert isinstance(tokens, Tokens), tokens
    return AuthenticatedClient(base_url=url, token=tokens.access_token)


def leaves(progress):
    return [progress.current] if isinstance(progress, LeafProgress) else [n for child in progress.all_ for n in leaves(child)]


email = f"{uuid.uuid4()}@example.com"
user = register.sync(client=anonymous, body=Registration(email=email, password=password))
assert isinstance(user, User), user
me, admin = log_in(email, password), log_in("admin@example.com", admin_password)

condition = All(all_=[
    Leaf(aggregation=Aggregation.COUNT, activity="user.login", target=1),
    Leaf(aggregation=Aggregation.COUNT, activity="quest.cleared", target=2)])
year = lambda number: datetime.datetime(number, 1, 1, tzinfo=datetime.timezone.utc)
event = create_event.sync(client=admin, body=NewEvent(
    name="Welcome", starts_at=year(2026), ends_at=year(2036), condition=condition))
assert isinstance(event, Event) and isinstance(event.condition, All), event
add_reward.sync(event.id, client=admin, body=NewPointReward(type_="POINT", name="500 points", amount=500))
update_event.sync(event.id, client=admin, body=EventPatch(status=EventStatus.ACTIVE))

refused = claim.sync(event.id, client=me)
assert isinstance(refused, ClaimProblem) and refused.code == ClaimRefusal.CONDITIONS_NOT_MET, refused
assert isinstance(refused.progress, AllProgress) and leaves(refused.progress) == [1, 0], refused.progress

ingest_activities.sync(client=admin, body=ActivityBatch(activities=[
    NewActivity(id=id_, user_id=user.id, type_="quest.cleared") for id_ in ("1", "2")]))
granted = claim.sync(event.id, client=me)
assert isinstance(granted, Claim) and granted.status == ClaimStatus.GRANTED, granted
assert leaves(granted.progress) == [1, 2], granted.progress
