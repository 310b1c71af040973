"""Exports: a comparability report asked for, made in a job, kept as a file, and listed."""

import json
from functools import partial

import sqlalchemy as sa

from calibration.reports import content, csv_archive, distributions, evidence, services, sheets
from calibration.reports.models import Export, ExportFormat
from calibration.reports.versions import versions
from calibration.workbook import workbook
from scoring import audit, jobs, storage
from scoring.db import db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.people.models import OrganizationKind
from scoring.permissions import ALLOWED, Permission
from scoring.tasks.models import Task

JOB = "reports.export"
DRAW = {
    ExportFormat.XLSX: partial(workbook, title="Comparability report"),
    ExportFormat.CSV: csv_archive.archive,
}
ENDINGS = {ExportFormat.XLSX: "xlsx", ExportFormat.CSV: "zip"}


def organizations(event, person):
    """Organizations for which this person may export the event: their own, if they run it or take part in it.

    Only a membership in the organization itself counts: a network's people do not get a district's workbook, which
    holds its students' pseudonyms.
    """
    taking_part = {event.organization_id} | {district.id for district in event.districts}
    own = [each.organization for each in person.memberships if Permission.EXPORT in ALLOWED[each.role]]
    return sorted({each for each in own if each.id in taking_part}, key=lambda each: (each.name, each.id))


def must_have_organizations(event, person):
    """The same; NotFound when there is none."""
    found = organizations(event, person)
    if not found:
        raise NotFound(
            "This event is not yours to export. Ask an administrator of the organization that runs it."
        )
    return found


def exports_of(person):
    """Query the exports made for this person's own organizations, newest first."""
    own = {each.organization_id for each in person.memberships if Permission.EXPORT in ALLOWED[each.role]}
    return (
        sa.select(Export)
        .where(Export.organization_id.in_(own))
        .order_by(Export.created_at.desc(), Export.id.desc())
    )


def task_names(some_exports):
    """Titles of the tasks that exports were made from, by id."""
    ids = {task_id for export in some_exports for task_id in export.filters.get("tasks", [])}
    return dict(db.session.execute(sa.select(Task.id, Task.title).where(Task.id.in_(ids))).all())


def ask(event, organization_id, format, task_ids, *, actor, smallest, back="/"):
    """Ask for an export and start the job that makes it."""
    organization = next((each for each in organizations(event, actor) if each.id == organization_id), None)
    if organization is None:
        raise NotFound("This event is not yours to export for that organization. Choose one of your own.")
    chosen = [each.task_id for each in event.tasks if each.task_id in set(task_ids)]
    if not chosen:
        raise Invalid("Choose at least one task of the event.", fields={"tasks": "Choose at least one task."})
    with transaction() as session:
        export = Export(
            event_id=event.id,
            organization_id=organization.id,
            format=ExportFormat(format),
            filters={"tasks": chosen, "smallest": smallest},
            created_by_id=actor.id,
        )
        session.add(export)
        audit.record("export.ask", export, actor=actor, after=_facts(export))
    job = jobs.start(
        JOB, f"Comparability report on {event.name}", actor=actor, back=back, export_id=export.id
    )
    with transaction():
        export.job_id = job.id
    return job


def ask_again(export_id, *, actor, smallest, back="/"):
    """Ask for the same once more, from the data as they are now. The earlier file stays."""
    export = db.session.scalar(exports_of(actor).where(Export.id == export_id))
    if export is None:
        raise NotFound("There is no such export, or it is not yours.")
    return ask(export.event, export.organization_id, export.format, export.filters["tasks"], actor=actor,
               smallest=smallest, back=back)  # fmt: skip


@jobs.kind(JOB)
def run_export(progress, export_id):
    """Make the file of an export. Harmless when run twice: a file that is there stays."""
    export = db.session.get(Export, export_id)
    if export.key is not None:
        return
    report = gather(
        export, lambda done, total: progress.advance(done, total + 1, f"Task {done} of {total} counted.")
    )
    laid = sheets.sheets(report)
    _keep(export, DRAW[export.format](laid), laid)
    total = len(export.filters["tasks"]) + 1
    progress.advance(total, total, "The file is ready.")


def _keep(export, data, laid):
    """Store the file of an export, unless another run was first: then its file stays, and this one goes."""
    key, is_kept = storage.put(data, area="exports"), False
    try:
        with transaction() as session:
            session.refresh(export, with_for_update=True)
            if export.key is not None:
                return
            export.key, export.size, export.sha256 = key, len(data), storage.sha256(data)
            export.rows = sum(len(sheet.rows) for sheet in laid)
            export.finished_at = now()
            export.file_name = f"{export.event.code}-{export.organization.code}-{export.finished_at:%Y-%m-%d}.{ENDINGS[export.format]}"
            audit.record("export.make", export, actor=export.created_by, after=_facts(export))
        is_kept = True
    finally:
        if not is_kept:
            storage.remove([key])


def gather(export, tell=lambda done, total: None):
    """Bring together everything that goes into one export: the same data give the same report."""
    event, organization, smallest = export.event, export.organization, export.filters["smallest"]
    tasks = [each.task for each in event.tasks if each.task_id in export.filters["tasks"]]
    reader = reader_of(event, organization, smallest)
    found, prints = [], []
    for done, task in enumerate(tasks, 1):
        ratings = evidence.ratings(event, task)
        prints.append(evidence.fingerprint(ratings))
        found.append(_task(event, task, organization, reader, ratings))
        tell(done, len(tasks))
    moments = [task.counts.up_to for task in found if task.counts.up_to is not None]
    return sheets.Report(
        event=event.name,
        event_code=event.code,
        organization=organization.name,
        is_districts=organization.kind is OrganizationKind.DISTRICT,
        smallest=smallest,
        rules=_rules(event),
        versions=versions(),
        fingerprint=_joined(prints, [row for task in found for row in task.records]),
        up_to=f"{max(moments):%Y-%m-%d %H:%M:%S} UTC" if moments else "",
        tasks=tuple(found),
    )


def reader_of(event, organization, smallest):
    """For whom a file is made: an organization, whoever of its people asked. It names no scorer."""
    is_district = organization.kind is OrganizationKind.DISTRICT
    return content.Reader(
        own=frozenset({organization.id} if is_district else ()),
        runs=event.organization_id == organization.id,
        districts=services.district_names(event),
        scorers={scorer.id: f"Scorer {scorer.id}" for scorer in evidence.scorers(event)},
        named=frozenset(),
        smallest=smallest,
    )


def _task(event, task, organization, reader, ratings):
    about = services.subject(event, task)
    is_part = reader.own and not reader.runs
    rows = evidence.records(event, task, organization) if reader.own else []
    return sheets.TaskReport(
        everything=content.agree(about, ratings, reader, scope="all"),
        own=content.agree(about, ratings, reader, scope="own") if is_part else None,
        distributions={trait: distributions.distribution(ratings, trait, reader) for trait in ratings.traits},
        counts=evidence.counts(event, task, districts=None if reader.runs else reader.own),
        records=[(code, student, task.code, *rest) for code, student, *rest in rows],
    )


def _rules(event):
    return {
        "share read twice": f"{event.share_read_twice} of every 100 responses",
        "tolerance": f"scores up to {event.tolerance} apart are close enough",
        "score of record": event.resolution_rule.value,
        "own students, school, district": ", ".join(
            f"{name} {'left out' if excluded else 'allowed'}"
            for name, excluded in (
                ("students", event.exclude_own_students),
                ("school", event.exclude_own_school),
                ("district", event.exclude_own_district),
            )
        ),
        "districts": ", ".join(district.name for district in event.districts),
    }


def _joined(prints, records):
    return storage.sha256(json.dumps([prints, records], default=str).encode())


def _facts(export):
    return {
        "event": export.event_id,
        "organization": export.organization_id,
        "format": export.format.value,
        "filters": export.filters,
        "rows": export.rows,
        "sha256": export.sha256,
    }
