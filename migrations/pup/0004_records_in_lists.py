"""records in lists

Revision: 0004, after 0002
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('action_plan',
    sa.Column('aim', columns.Encrypted('action_plan.aim'), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_action_plan_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_plan'))
    )
    with op.batch_alter_table('action_plan', schema=None) as batch_op:
        batch_op.create_index('ix_action_plan_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('job_offer',
    sa.Column('offered_on', sa.Date(), nullable=False),
    sa.Column('position', columns.Encrypted('job_offer.position'), nullable=False),
    sa.Column('employer', columns.Encrypted('job_offer.employer'), nullable=True),
    sa.Column('code', sa.String(length=10), nullable=True),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=True),
    sa.Column('answered_on', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_job_offer_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_offer'))
    )
    with op.batch_alter_table('job_offer', schema=None) as batch_op:
        batch_op.create_index('ix_job_offer_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_reason', ['reason', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_job_offer_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('action_plan_review',
    sa.Column('action_plan_id', sa.String(length=36), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['action_plan_id'], ['action_plan.id'], name=op.f('fk_action_plan_review_action_plan_id')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_action_plan_review_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_plan_review'))
    )
    with op.batch_alter_table('action_plan_review', schema=None) as batch_op:
        batch_op.create_index('ix_action_plan_review_by_action_plan_id', ['action_plan_id', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_review_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('action_plan_step',
    sa.Column('action_plan_id', sa.String(length=36), nullable=False),
    sa.Column('what', columns.Encrypted('action_plan_step.what'), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=True),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['action_plan_id'], ['action_plan.id'], name=op.f('fk_action_plan_step_action_plan_id')),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_action_plan_step_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_plan_step'))
    )
    with op.batch_alter_table('action_plan_step', schema=None) as batch_op:
        batch_op.create_index('ix_action_plan_step_by_action_plan_id', ['action_plan_id', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_action_plan_step_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('contact_duty',
    sa.Column('registration_id', sa.String(length=36), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_contact_duty_client_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_contact_duty_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_duty'))
    )
    with op.batch_alter_table('contact_duty', schema=None) as batch_op:
        batch_op.create_index('ix_contact_duty_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_registration_id', ['registration_id', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_updated_at', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_contact_duty_by_way', ['way', 'id'], unique=False)

    with op.batch_alter_table('benefit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_benefit_client_id'))
        batch_op.create_index('ix_benefit_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('employment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_employment_client_id'))
        batch_op.create_index('ix_employment_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_contract_kind', ['contract_kind', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('programme_membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_programme_membership_client_id'))
        batch_op.create_index('ix_programme_membership_by_arm', ['arm', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_county', ['county', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_programme', ['programme', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_programme_membership_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('start_reason', sa.String(length=40), server_default='other', nullable=False))
        batch_op.drop_index(batch_op.f('ix_registration_client_id'))
        batch_op.create_index('ix_registration_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_registration_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_registration_by_reason', ['reason', 'id'], unique=False)
        batch_op.create_index('ix_registration_by_start_reason', ['start_reason', 'id'], unique=False)
        batch_op.create_index('ix_registration_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_registration_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('support_form', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_form_client_id'))
        batch_op.create_index('ix_support_form_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_status', ['status', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_updated_at', ['updated_at', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('support_form', schema=None) as batch_op:
        batch_op.drop_index('ix_support_form_by_updated_at')
        batch_op.drop_index('ix_support_form_by_status')
        batch_op.drop_index('ix_support_form_by_state')
        batch_op.drop_index('ix_support_form_by_from_day')
        batch_op.drop_index('ix_support_form_by_code')
        batch_op.drop_index('ix_support_form_by_client_id')
        batch_op.create_index(batch_op.f('ix_support_form_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.drop_index('ix_registration_by_updated_at')
        batch_op.drop_index('ix_registration_by_state')
        batch_op.drop_index('ix_registration_by_start_reason')
        batch_op.drop_index('ix_registration_by_reason')
        batch_op.drop_index('ix_registration_by_from_day')
        batch_op.drop_index('ix_registration_by_client_id')
        batch_op.create_index(batch_op.f('ix_registration_client_id'), ['client_id'], unique=False)
        batch_op.drop_column('start_reason')

    with op.batch_alter_table('programme_membership', schema=None) as batch_op:
        batch_op.drop_index('ix_programme_membership_by_updated_at')
        batch_op.drop_index('ix_programme_membership_by_state')
        batch_op.drop_index('ix_programme_membership_by_programme')
        batch_op.drop_index('ix_programme_membership_by_from_day')
        batch_op.drop_index('ix_programme_membership_by_county')
        batch_op.drop_index('ix_programme_membership_by_client_id')
        batch_op.drop_index('ix_programme_membership_by_arm')
        batch_op.create_index(batch_op.f('ix_programme_membership_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('employment', schema=None) as batch_op:
        batch_op.drop_index('ix_employment_by_updated_at')
        batch_op.drop_index('ix_employment_by_state')
        batch_op.drop_index('ix_employment_by_contract_kind')
        batch_op.drop_index('ix_employment_by_client_id')
        batch_op.create_index(batch_op.f('ix_employment_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('benefit', schema=None) as batch_op:
        batch_op.drop_index('ix_benefit_by_updated_at')
        batch_op.drop_index('ix_benefit_by_state')
        batch_op.drop_index('ix_benefit_by_from_day')
        batch_op.drop_index('ix_benefit_by_code')
        batch_op.drop_index('ix_benefit_by_client_id')
        batch_op.create_index(batch_op.f('ix_benefit_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('contact_duty', schema=None) as batch_op:
        batch_op.drop_index('ix_contact_duty_by_way')
        batch_op.drop_index('ix_contact_duty_by_updated_at')
        batch_op.drop_index('ix_contact_duty_by_state_due_day')
        batch_op.drop_index('ix_contact_duty_by_state')
        batch_op.drop_index('ix_contact_duty_by_result')
        batch_op.drop_index('ix_contact_duty_by_registration_id')
        batch_op.drop_index('ix_contact_duty_by_due_day')
        batch_op.drop_index('ix_contact_duty_by_client_id')

    op.drop_table('contact_duty')
    with op.batch_alter_table('action_plan_step', schema=None) as batch_op:
        batch_op.drop_index('ix_action_plan_step_by_updated_at')
        batch_op.drop_index('ix_action_plan_step_by_state_due_day')
        batch_op.drop_index('ix_action_plan_step_by_state')
        batch_op.drop_index('ix_action_plan_step_by_result')
        batch_op.drop_index('ix_action_plan_step_by_due_day')
        batch_op.drop_index('ix_action_plan_step_by_code')
        batch_op.drop_index('ix_action_plan_step_by_client_id')
        batch_op.drop_index('ix_action_plan_step_by_action_plan_id')

    op.drop_table('action_plan_step')
    with op.batch_alter_table('action_plan_review', schema=None) as batch_op:
        batch_op.drop_index('ix_action_plan_review_by_updated_at')
        batch_op.drop_index('ix_action_plan_review_by_state_due_day')
        batch_op.drop_index('ix_action_plan_review_by_state')
        batch_op.drop_index('ix_action_plan_review_by_result')
        batch_op.drop_index('ix_action_plan_review_by_due_day')
        batch_op.drop_index('ix_action_plan_review_by_client_id')
        batch_op.drop_index('ix_action_plan_review_by_action_plan_id')

    op.drop_table('action_plan_review')
    with op.batch_alter_table('job_offer', schema=None) as batch_op:
        batch_op.drop_index('ix_job_offer_by_updated_at')
        batch_op.drop_index('ix_job_offer_by_state_due_day')
        batch_op.drop_index('ix_job_offer_by_state')
        batch_op.drop_index('ix_job_offer_by_result')
        batch_op.drop_index('ix_job_offer_by_reason')
        batch_op.drop_index('ix_job_offer_by_due_day')
        batch_op.drop_index('ix_job_offer_by_code')
        batch_op.drop_index('ix_job_offer_by_client_id')

    op.drop_table('job_offer')
    with op.batch_alter_table('action_plan', schema=None) as batch_op:
        batch_op.drop_index('ix_action_plan_by_updated_at')
        batch_op.drop_index('ix_action_plan_by_state')
        batch_op.drop_index('ix_action_plan_by_result')
        batch_op.drop_index('ix_action_plan_by_from_day')
        batch_op.drop_index('ix_action_plan_by_client_id')

    op.drop_table('action_plan')
