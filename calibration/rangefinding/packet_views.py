"""Pages for training packets: what there is, a new one, and its two files."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from calibration.rangefinding import packets
from calibration.rangefinding.blueprint import bp
from calibration.rangefinding.forms import PacketForm
from scoring import storage
from scoring.errors import NotFound
from scoring.permissions import Permission, requires
from scoring.web import Paging

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/packets")
@requires(Permission.CALIBRATE)
def packet_list():
    """List the training packets, and the tasks for which one can be made."""
    page = Paging(packets.packet_query(current_user))
    return render_template("rangefinding/packets.html", page=page, choices=packets.choices(current_user))


@bp.route("/packets/new", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def new_packet():
    """Choose the sets of a training packet."""
    choices = packets.choices(current_user)
    wanted = request.args.get("rubric", type=int)
    rubric = next((each for each in choices if wanted in {None, each.id}), None)
    if rubric is None and choices:
        raise NotFound("There is no frozen set for this rubric version. Choose another one.")
    form = PacketForm()
    form.sets.choices = [
        (each.id, f"{each.name} ({each.purpose}, {len(each.items)} papers)")
        for each in choices.get(rubric, [])
    ]
    if not form.is_submitted():
        form.sets.data = [each.id for each in choices.get(rubric, [])]
    if form.validate_on_submit():
        packet = packets.ask(rubric, form.sets.data, actor=current_user, back=url_for(".packet_list"))
        return redirect(url_for(".packet", packet_id=packet.id))
    return render_template(
        "rangefinding/new_packet.html", form=form, rubric=rubric
    ), 422 if form.errors else 200


@bp.get("/packets/<int:packet_id>")
@requires(Permission.CALIBRATE)
def packet(packet_id):
    """Show how far a training packet is, and hand out its files."""
    found = packets.packet_by_id(packet_id, current_user)
    links = {}
    if found.finished_at is not None:
        for ending, key, kind in (("pdf", found.pdf_key, PDF), ("xlsx", found.book_key, XLSX)):
            token = storage.link_token(key, kind, current_user, name=packets.file_name(found, ending))
            links[ending] = url_for("pages.file", token=token)
    return render_template("rangefinding/packet.html", packet=found, links=links)
