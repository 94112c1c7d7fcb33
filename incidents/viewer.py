"""What one person may be shown of incidents: names, words, and what is theirs to do."""

from functools import cached_property

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from incidents.models import Incident


class Viewer:
    """What one person may be shown of an incident."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.scopes = scopes_of(user)

    def sees_people(self, incident: Incident) -> bool:
        """Whether names of the staff appear."""
        return incident.cell_worker_id == self.user.pk or self.scopes.sees_people_of(incident.place_code())

    def name(self, incident: Incident, person: User | None) -> str:
        """The person's name, or nothing where the viewer may not see it. Own names are always seen."""
        if person is None or (person.pk != self.user.pk and not self.sees_people(incident)):
            return ""
        return str(person)

    def words(self, incident: Incident, text: str) -> str:
        """What somebody wrote, or nothing for a screen that strangers look at."""
        return text if self.reads_words(incident) else ""

    def reads_words(self, incident: Incident) -> bool:
        """Whether words and photos of people appear. Who reported it knows them."""
        return self.scopes.reads_words or incident.reported_by_id == self.user.pk

    @cached_property
    def has_tasks(self) -> bool:
        return Action.SEE_INCIDENTS in self.scopes.actions

    def is_mine(self, incident: Incident) -> bool:
        """Mine to do; for who has nothing to do here: mine because I reported it."""
        mine = {incident.cell_worker_id, incident.holder_id}
        return self.user.pk in (mine if self.has_tasks else mine | {incident.reported_by_id})
