"""Records that only a labour office keeps."""

from services.pup_api.records.contacts import CONTACTS
from services.pup_api.records.memberships import MEMBERSHIPS
from services.pup_api.records.offers import OFFERS
from services.pup_api.records.plans import PLANS, REVIEWS, STEPS
from services.pup_api.records.registrations import REGISTRATIONS

KINDS = (REGISTRATIONS, MEMBERSHIPS, CONTACTS, PLANS, STEPS, REVIEWS, OFFERS)
