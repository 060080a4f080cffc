"""what a welfare centre keeps: households, contracts, programmes, decisions, target groups

Revision: 0006, after 0004
"""

import sqlalchemy as sa
from alembic import op

from shared.runtime.database import columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('allowance_decision',
    sa.Column('number', columns.Encrypted('allowance_decision.number'), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('basis', sa.String(length=20), nullable=False),
    sa.Column('amount_gr', sa.BigInteger(), nullable=True),
    sa.Column('benefit_id', sa.String(length=36), nullable=True),
    sa.Column('support_form_id', sa.String(length=36), nullable=True),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_allowance_decision_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allowance_decision'))
    )
    with op.batch_alter_table('allowance_decision', schema=None) as batch_op:
        batch_op.create_index('ix_allowance_decision_by_benefit_id', ['benefit_id', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_outcome', ['outcome', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_support_form_id', ['support_form_id', 'id'], unique=False)
        batch_op.create_index('ix_allowance_decision_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('target_group_mark',
    sa.Column('target_group', columns.Encrypted('target_group_mark.group'), nullable=False),
    sa.Column('since', columns.Encrypted('target_group_mark.since'), nullable=False),
    sa.Column('ended_on', columns.Encrypted('target_group_mark.ended_on'), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_target_group_mark_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target_group_mark'))
    )
    with op.batch_alter_table('target_group_mark', schema=None) as batch_op:
        batch_op.create_index('ix_target_group_mark_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_target_group_mark_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_target_group_mark_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('activation_programme',
    sa.Column('support_form_id', sa.String(length=36), nullable=False),
    sa.Column('code', sa.String(length=10), nullable=False),
    sa.Column('social_contract_id', sa.String(length=36), nullable=True),
    sa.Column('aim', columns.Encrypted('activation_programme.aim'), nullable=False),
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
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_activation_programme_client_id')),
    sa.ForeignKeyConstraint(['support_form_id'], ['support_form.id'], name=op.f('fk_activation_programme_support_form_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activation_programme'))
    )
    with op.batch_alter_table('activation_programme', schema=None) as batch_op:
        batch_op.create_index('ix_activation_programme_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_support_form_id', ['support_form_id', 'id'], unique=False)
        batch_op.create_index('ix_activation_programme_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('care_cost',
    sa.Column('support_form_id', sa.String(length=36), nullable=False),
    sa.Column('household_member_id', sa.String(length=36), nullable=True),
    sa.Column('cared_for', sa.String(length=20), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=True),
    sa.Column('amount_gr', sa.BigInteger(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_care_cost_client_id')),
    sa.ForeignKeyConstraint(['support_form_id'], ['support_form.id'], name=op.f('fk_care_cost_support_form_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_cost'))
    )
    with op.batch_alter_table('care_cost', schema=None) as batch_op:
        batch_op.create_index('ix_care_cost_by_cared_for', ['cared_for', 'id'], unique=False)
        batch_op.create_index('ix_care_cost_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_care_cost_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_care_cost_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_care_cost_by_support_form_id', ['support_form_id', 'id'], unique=False)
        batch_op.create_index('ix_care_cost_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('contract_action',
    sa.Column('social_contract_id', sa.String(length=36), nullable=False),
    sa.Column('contract_goal_id', sa.String(length=36), nullable=True),
    sa.Column('what', columns.Encrypted('contract_action.what'), nullable=False),
    sa.Column('who', sa.String(length=20), nullable=False),
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
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_contract_action_client_id')),
    sa.ForeignKeyConstraint(['social_contract_id'], ['social_contract.id'], name=op.f('fk_contract_action_social_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_action'))
    )
    with op.batch_alter_table('contract_action', schema=None) as batch_op:
        batch_op.create_index('ix_contract_action_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_contract_goal_id', ['contract_goal_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_social_contract_id', ['social_contract_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_updated_at', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_contract_action_by_who', ['who', 'id'], unique=False)

    op.create_table('contract_goal',
    sa.Column('social_contract_id', sa.String(length=36), nullable=False),
    sa.Column('what', columns.Encrypted('contract_goal.what'), nullable=False),
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
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_contract_goal_client_id')),
    sa.ForeignKeyConstraint(['social_contract_id'], ['social_contract.id'], name=op.f('fk_contract_goal_social_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_goal'))
    )
    with op.batch_alter_table('contract_goal', schema=None) as batch_op:
        batch_op.create_index('ix_contract_goal_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_social_contract_id', ['social_contract_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_goal_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('contract_review',
    sa.Column('social_contract_id', sa.String(length=36), nullable=False),
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
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_contract_review_client_id')),
    sa.ForeignKeyConstraint(['social_contract_id'], ['social_contract.id'], name=op.f('fk_contract_review_social_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_review'))
    )
    with op.batch_alter_table('contract_review', schema=None) as batch_op:
        batch_op.create_index('ix_contract_review_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_social_contract_id', ['social_contract_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_review_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('contract_signature',
    sa.Column('social_contract_id', sa.String(length=36), nullable=False),
    sa.Column('who', sa.String(length=20), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_contract_signature_client_id')),
    sa.ForeignKeyConstraint(['social_contract_id'], ['social_contract.id'], name=op.f('fk_contract_signature_social_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_signature'))
    )
    with op.batch_alter_table('contract_signature', schema=None) as batch_op:
        batch_op.create_index('ix_contract_signature_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_social_contract_id', ['social_contract_id', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_updated_at', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_contract_signature_by_who', ['who', 'id'], unique=False)

    op.create_table('family_interview',
    sa.Column('household_id', sa.String(length=36), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.Column('next_due', sa.Date(), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_family_interview_client_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_family_interview_household_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family_interview'))
    )
    with op.batch_alter_table('family_interview', schema=None) as batch_op:
        batch_op.create_index('ix_family_interview_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_household_id', ['household_id', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_kind', ['kind', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_family_interview_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('household_member',
    sa.Column('household_id', sa.String(length=36), nullable=False),
    sa.Column('name', columns.Encrypted('household_member.name'), nullable=True),
    sa.Column('kinship', sa.String(length=20), nullable=False),
    sa.Column('care', sa.String(length=20), nullable=False),
    sa.Column('birth_year', sa.Integer(), nullable=True),
    sa.Column('member_client_id', sa.String(length=36), nullable=True),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_household_member_client_id')),
    sa.ForeignKeyConstraint(['household_id'], ['household.id'], name=op.f('fk_household_member_household_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household_member'))
    )
    with op.batch_alter_table('household_member', schema=None) as batch_op:
        batch_op.create_index('ix_household_member_by_care', ['care', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_household_id', ['household_id', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_kinship', ['kinship', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_member_client_id', ['member_client_id', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_household_member_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.add_column(sa.Column('referral_id', columns.Encrypted('social_contract.referral_id'), nullable=True))
        batch_op.add_column(sa.Column('referral_day', sa.Date(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.drop_column('referral_day')
        batch_op.drop_column('referral_id')

    with op.batch_alter_table('household_member', schema=None) as batch_op:
        batch_op.drop_index('ix_household_member_by_updated_at')
        batch_op.drop_index('ix_household_member_by_state')
        batch_op.drop_index('ix_household_member_by_member_client_id')
        batch_op.drop_index('ix_household_member_by_kinship')
        batch_op.drop_index('ix_household_member_by_household_id')
        batch_op.drop_index('ix_household_member_by_from_day')
        batch_op.drop_index('ix_household_member_by_client_id')
        batch_op.drop_index('ix_household_member_by_care')

    op.drop_table('household_member')
    with op.batch_alter_table('family_interview', schema=None) as batch_op:
        batch_op.drop_index('ix_family_interview_by_updated_at')
        batch_op.drop_index('ix_family_interview_by_state_due_day')
        batch_op.drop_index('ix_family_interview_by_state')
        batch_op.drop_index('ix_family_interview_by_result')
        batch_op.drop_index('ix_family_interview_by_kind')
        batch_op.drop_index('ix_family_interview_by_household_id')
        batch_op.drop_index('ix_family_interview_by_due_day')
        batch_op.drop_index('ix_family_interview_by_client_id')

    op.drop_table('family_interview')
    with op.batch_alter_table('contract_signature', schema=None) as batch_op:
        batch_op.drop_index('ix_contract_signature_by_who')
        batch_op.drop_index('ix_contract_signature_by_updated_at')
        batch_op.drop_index('ix_contract_signature_by_state_due_day')
        batch_op.drop_index('ix_contract_signature_by_state')
        batch_op.drop_index('ix_contract_signature_by_social_contract_id')
        batch_op.drop_index('ix_contract_signature_by_result')
        batch_op.drop_index('ix_contract_signature_by_due_day')
        batch_op.drop_index('ix_contract_signature_by_client_id')

    op.drop_table('contract_signature')
    with op.batch_alter_table('contract_review', schema=None) as batch_op:
        batch_op.drop_index('ix_contract_review_by_updated_at')
        batch_op.drop_index('ix_contract_review_by_state_due_day')
        batch_op.drop_index('ix_contract_review_by_state')
        batch_op.drop_index('ix_contract_review_by_social_contract_id')
        batch_op.drop_index('ix_contract_review_by_result')
        batch_op.drop_index('ix_contract_review_by_due_day')
        batch_op.drop_index('ix_contract_review_by_client_id')

    op.drop_table('contract_review')
    with op.batch_alter_table('contract_goal', schema=None) as batch_op:
        batch_op.drop_index('ix_contract_goal_by_updated_at')
        batch_op.drop_index('ix_contract_goal_by_state_due_day')
        batch_op.drop_index('ix_contract_goal_by_state')
        batch_op.drop_index('ix_contract_goal_by_social_contract_id')
        batch_op.drop_index('ix_contract_goal_by_result')
        batch_op.drop_index('ix_contract_goal_by_due_day')
        batch_op.drop_index('ix_contract_goal_by_client_id')

    op.drop_table('contract_goal')
    with op.batch_alter_table('contract_action', schema=None) as batch_op:
        batch_op.drop_index('ix_contract_action_by_who')
        batch_op.drop_index('ix_contract_action_by_updated_at')
        batch_op.drop_index('ix_contract_action_by_state_due_day')
        batch_op.drop_index('ix_contract_action_by_state')
        batch_op.drop_index('ix_contract_action_by_social_contract_id')
        batch_op.drop_index('ix_contract_action_by_result')
        batch_op.drop_index('ix_contract_action_by_due_day')
        batch_op.drop_index('ix_contract_action_by_contract_goal_id')
        batch_op.drop_index('ix_contract_action_by_code')
        batch_op.drop_index('ix_contract_action_by_client_id')

    op.drop_table('contract_action')
    with op.batch_alter_table('care_cost', schema=None) as batch_op:
        batch_op.drop_index('ix_care_cost_by_updated_at')
        batch_op.drop_index('ix_care_cost_by_support_form_id')
        batch_op.drop_index('ix_care_cost_by_state')
        batch_op.drop_index('ix_care_cost_by_from_day')
        batch_op.drop_index('ix_care_cost_by_client_id')
        batch_op.drop_index('ix_care_cost_by_cared_for')

    op.drop_table('care_cost')
    with op.batch_alter_table('activation_programme', schema=None) as batch_op:
        batch_op.drop_index('ix_activation_programme_by_updated_at')
        batch_op.drop_index('ix_activation_programme_by_support_form_id')
        batch_op.drop_index('ix_activation_programme_by_state')
        batch_op.drop_index('ix_activation_programme_by_result')
        batch_op.drop_index('ix_activation_programme_by_from_day')
        batch_op.drop_index('ix_activation_programme_by_code')
        batch_op.drop_index('ix_activation_programme_by_client_id')

    op.drop_table('activation_programme')
    with op.batch_alter_table('target_group_mark', schema=None) as batch_op:
        batch_op.drop_index('ix_target_group_mark_by_updated_at')
        batch_op.drop_index('ix_target_group_mark_by_state')
        batch_op.drop_index('ix_target_group_mark_by_client_id')

    op.drop_table('target_group_mark')
    with op.batch_alter_table('allowance_decision', schema=None) as batch_op:
        batch_op.drop_index('ix_allowance_decision_by_updated_at')
        batch_op.drop_index('ix_allowance_decision_by_support_form_id')
        batch_op.drop_index('ix_allowance_decision_by_state')
        batch_op.drop_index('ix_allowance_decision_by_result')
        batch_op.drop_index('ix_allowance_decision_by_outcome')
        batch_op.drop_index('ix_allowance_decision_by_from_day')
        batch_op.drop_index('ix_allowance_decision_by_code')
        batch_op.drop_index('ix_allowance_decision_by_client_id')
        batch_op.drop_index('ix_allowance_decision_by_benefit_id')

    op.drop_table('allowance_decision')
