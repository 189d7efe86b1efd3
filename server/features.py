"""What this server is made of: the operations of every feature, and what runs by itself."""

from lms_core.access import jobs as access_jobs
from lms_core.access.api import api as access_api
from lms_core.audit import jobs as audit_jobs
from lms_core.boards import jobs as boards_jobs
from lms_core.boards.api import api as boards_api
from lms_core.calendars.api import api as calendars_api
from lms_core.consultations import jobs as consultations_jobs
from lms_core.consultations.api import api as consultations_api
from lms_core.courses.api import api as courses_api
from lms_core.desk.api import api as desk_api
from lms_core.exams import jobs as exams_jobs
from lms_core.exams import reactions as exams_reactions
from lms_core.exams.api import api as exams_api
from lms_core.files import jobs as files_jobs
from lms_core.groups.api import api as groups_api
from lms_core.items import jobs as items_jobs
from lms_core.items.api import api as items_api
from lms_core.kernel import housekeeping
from lms_core.lessons import jobs as lessons_jobs
from lms_core.lessons import reactions as lessons_reactions
from lms_core.lessons.api import api as lessons_api
from lms_core.marking import jobs as marking_jobs
from lms_core.marking import reactions as marking_reactions
from lms_core.marking.api import api as marking_api
from lms_core.messages import jobs as messages_jobs
from lms_core.messages.api import api as messages_api
from lms_core.moving.api import api as moving_api
from lms_core.orgs.api import api as orgs_api
from lms_core.people.api import api as people_api
from lms_core.polls import jobs as polls_jobs
from lms_core.polls import reactions as polls_reactions
from lms_core.polls.api import api as polls_api
from lms_core.recordings import jobs as recordings_jobs
from lms_core.recordings import reactions as recordings_reactions
from lms_core.recordings.api import api as recordings_api
from lms_core.reminders import jobs as reminders_jobs
from lms_core.reminders import reactions as reminders_reactions
from lms_core.reminders.api import api as reminders_api
from lms_core.reports.api import api as reports_api
from lms_core.roll.api import api as roll_api

from . import first_start

FEATURES = (
    *(access_api, orgs_api, people_api, groups_api, courses_api, lessons_api),
    *(
        messages_api,
        polls_api,
        boards_api,
        recordings_api,
        consultations_api,
        reports_api,
        reminders_api,
        calendars_api,
        desk_api,
        roll_api,
        moving_api,
        items_api,
        exams_api,
        marking_api,
        first_start.api,
    ),
)
DECLARE_JOBS = (
    access_jobs,
    audit_jobs,
    boards_jobs,
    consultations_jobs,
    exams_jobs,
    exams_reactions,
    files_jobs,
    housekeeping,
    items_jobs,
    lessons_jobs,
    lessons_reactions,
    marking_jobs,
    marking_reactions,
    messages_jobs,
    polls_jobs,
    polls_reactions,
    recordings_jobs,
    recordings_reactions,
    reminders_jobs,
    reminders_reactions,
)
"""Imported for what runs by itself; the demo's comes with first_start."""
