"""The queue for programs: take the next response, send its scores. The same services as the scoring screen."""

from flask import Response, request
from flask_login import current_user

from scoring.api import api_blueprint, body
from scoring.errors import Invalid
from scoring.events.services import event_by_code
from scoring.pages import file_reply
from scoring.permissions import Permission, requires
from scoring.reads import services
from scoring.reads.serializer import Card, read_fields

bp = api_blueprint("reads")


class KeyMissing(Invalid):
    """A read was sent without the key that makes sending it twice harmless."""

    status = 400
    code = "bad_request"


@bp.post("/reads/next")
@requires(Permission.SCORE)
def take_next():
    """Lease the next response of one event, or of any."""
    code = body().get("event")
    event = event_by_code(str(code), current_user, Permission.SCORE) if code else None
    found = services.take_next_id(services.as_scorer(current_user), event.id if event else None)
    if found is None:
        return Response(status=204, content_type="application/json")
    return {"assignment": _card(found)}


@bp.post("/reads")
@requires(Permission.SCORE)
def submit_read():
    """Store one read, once; answer with the next response if it was asked for."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise KeyMissing("The header Idempotency-Key is missing. Send a new random one with each read, "
                         "and the same again when you send a read again.")  # fmt: skip
    sent = body()
    assignment_id = _number(sent.get("assignment"), "assignment")
    receipt = services.submit(
        assignment_id,
        current_user,
        scores=_scores(sent.get("scores")),
        condition_code=_words(sent.get("condition_code"), "condition_code"),
        note=_words(sent.get("note"), "note"),
        key=key,
        claim_next=sent.get("next") is True,
    )
    return {"read": read_fields(receipt), "next": _card(receipt.next_id)}, 201


@bp.get("/files/<token>")
@requires(Permission.SCORE)
def file(token):
    """Hand out one page image to the person the link was made for."""
    return file_reply(token, current_user)


def _card(assignment):
    return (
        Card(assignment, current_user, files="api_reads.file").as_json() if assignment is not None else None
    )


def _number(value, field):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise Invalid(
            f"{field} must be the id of a response that you hold.", fields={field: "Give a number."}
        )
    return value


def _words(value, field):
    if value is not None and not isinstance(value, str):
        raise Invalid(f"{field} must be text.", fields={field: "Send a string."})
    return value


def _scores(sent):
    if sent is not None and not isinstance(sent, dict):
        raise Invalid(
            "scores must be an object of trait keys and score points.", fields={"scores": "Send an object."}
        )
    return sent
