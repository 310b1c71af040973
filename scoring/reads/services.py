"""What others may ask of the blind queue. Each verb lives in the file of its subject; this is the front door."""

from scoring.reads.asking import ask_for_second_read
from scoring.reads.claiming import read_ahead, take_next, take_next_id
from scoring.reads.concerns import raise_concern
from scoring.reads.leasing import as_scorer, know_student, reap, release, release_ahead, renew
from scoring.reads.qualifying import confirm_qualification, grant_qualification, withdraw_qualification
from scoring.reads.reopening import reopen, reopen_last, reopenable, typed_for
from scoring.reads.rubrics import sheet_for
from scoring.reads.settling import reads_of, settle
from scoring.reads.submitting import Receipt, lease_of, save_draft, submit, submit_read

__all__ = [
    "Receipt",
    "as_scorer",
    "ask_for_second_read",
    "confirm_qualification",
    "grant_qualification",
    "know_student",
    "lease_of",
    "raise_concern",
    "read_ahead",
    "reads_of",
    "reap",
    "release",
    "release_ahead",
    "renew",
    "reopen",
    "reopen_last",
    "reopenable",
    "save_draft",
    "settle",
    "sheet_for",
    "submit",
    "submit_read",
    "take_next",
    "take_next_id",
    "typed_for",
    "withdraw_qualification",
]
