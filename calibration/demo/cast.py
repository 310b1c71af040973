"""Who takes part in the demonstration season: a network of three districts, eight schools, and their people."""

from dataclasses import dataclass, field

from scoring.pages import DEMO_CODE
from scoring.people import services as people
from scoring.people.models import OrganizationKind
from scoring.permissions import Role

PASSWORD = "rangefinder-demo"
NETWORK = "Commons Performance Network"


@dataclass(frozen=True)
class DistrictPlan:
    """One district as it is planned: its schools, its scorers by school, and how it differs from the others."""

    code: str
    name: str
    prefix: str  # of students' pseudonyms
    schools: tuple
    scorers: tuple  # (name, e-mail, index of the school)
    leader: tuple
    admin: tuple
    severity: float  # of its scorers, in logits: positive is strict
    ability: float  # of its students, in spreads of quality


DISTRICTS = (
    DistrictPlan(
        "alder-valley", "Alder Valley", "AV",
        ("Fern Hollow Middle School", "Alder Creek School", "Sunrise Elementary"),
        (("Sam Ortega", "scorer@example.org", 0), ("Priya Nair", "scorer2@example.org", 1),
         ("Grace Okafor", "grace.okafor@example.org", 0), ("Tom Brandt", "tom.brandt@example.org", 0),
         ("Mei-Ling Chow", "meiling.chow@example.org", 1), ("Hannah Reyes", "hannah.reyes@example.org", 1),
         ("Jonas Weller", "jonas.weller@example.org", 2), ("Aisha Karim", "aisha.karim@example.org", 2)),
        ("Lena Fischer", "leader@example.org"), ("Dana Whitfield", "district@example.org"), 0.0, 0.0,
    ),
    DistrictPlan(
        "birch-harbor", "Birch Harbor", "BH",
        ("Harbor Middle School", "Lighthouse School", "Birch Street Elementary"),
        (("Owen Blake", "outsider@example.org", 0), ("Carla Mendes", "carla.mendes@example.org", 0),
         ("Victor Salazar", "victor.salazar@example.org", 0), ("Ingrid Solheim", "ingrid.solheim@example.org", 1),
         ("Marcus Tate", "marcus.tate@example.org", 1), ("Yuki Tanaka", "yuki.tanaka@example.org", 1),
         ("Rosa Delgado", "rosa.delgado@example.org", 2), ("Peter Lindqvist", "peter.lindqvist@example.org", 2)),
        ("Ben Achterberg", "leader.birch@example.org"), ("Ruth Amsel", "district.birch@example.org"), 0.35, -0.35,
    ),
    DistrictPlan(
        "cedar-ridge", "Cedar Ridge", "CR",
        ("Ridge View School", "Cedar Grove Academy"),
        (("Nadia Petrov", "nadia.petrov@example.org", 0), ("Liam Doyle", "liam.doyle@example.org", 0),
         ("Sofia Marchetti", "sofia.marchetti@example.org", 0), ("Kwame Mensah", "kwame.mensah@example.org", 0),
         ("Elena Vasquez", "elena.vasquez@example.org", 1), ("Daniel Kim", "daniel.kim@example.org", 1),
         ("Fatima Zahra", "fatima.zahra@example.org", 1), ("Robert Hale", "robert.hale@example.org", 1)),
        ("Claire Dubois", "leader.cedar@example.org"), ("Isaac Moreno", "district.cedar@example.org"), -0.3, 0.4,
    ),
)  # fmt: skip


@dataclass
class DistrictCast:
    """One district as it stands in the database."""

    plan: DistrictPlan
    district: object
    schools: list
    leader: object
    admin: object
    scorers: list = field(default_factory=list)


@dataclass
class Cast:
    """Everybody."""

    network: object
    network_admin: object
    districts: list


def assemble():
    """Create the organizations and the people; everyone has the same, published password."""
    network = people.add_organization(OrganizationKind.NETWORK, name=NETWORK, code=DEMO_CODE)
    admin = _person("Noor Haddad", "network@example.org", network, Role.NETWORK_ADMIN)
    return Cast(network, admin, [_district(plan, network) for plan in DISTRICTS])


def _district(plan, network):
    district = people.add_organization(
        OrganizationKind.DISTRICT, name=plan.name, code=plan.code, parent=network
    )
    schools = [
        people.add_organization(OrganizationKind.SCHOOL, name=name, parent=district) for name in plan.schools
    ]
    cast = DistrictCast(
        plan, district, schools,
        leader=_person(*plan.leader, district, Role.LEADER),
        admin=_person(*plan.admin, district, Role.DISTRICT_ADMIN),
    )  # fmt: skip
    cast.scorers = [
        _person(name, email, schools[school], Role.SCORER) for name, email, school in plan.scorers
    ]
    return cast


def _person(name, email, organization, role):
    person = people.add_person(name=name, email=email)
    people.set_password(person, PASSWORD)
    people.join(person, organization, role)
    return person
