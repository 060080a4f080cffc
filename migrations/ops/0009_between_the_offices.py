"""between the offices: referrals, workers, duplicates, shared costs

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cost_agreement',
    sa.Column('other', sa.String(length=32), nullable=False),
    sa.Column('form_id', sa.String(length=36), nullable=True),
    sa.Column('unit', sa.String(length=12), nullable=False),
    sa.Column('own', sa.BigInteger(), nullable=False),
    sa.Column('other_share', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('confirms', sa.String(length=36), nullable=True),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_cost_agreement_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cost_agreement'))
    )
    with op.batch_alter_table('cost_agreement', schema=None) as batch_op:
        batch_op.create_index('ix_cost_agreement_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_confirms', ['confirms', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_form_id', ['form_id', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_other', ['other', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_cost_agreement_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('duplicate',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('pair', sa.String(length=43), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('first_iss', sa.String(length=32), nullable=False),
    sa.Column('first_form', sa.String(length=36), nullable=False),
    sa.Column('first_code', sa.String(length=64), nullable=False),
    sa.Column('second_iss', sa.String(length=32), nullable=False),
    sa.Column('second_form', sa.String(length=36), nullable=False),
    sa.Column('second_code', sa.String(length=64), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason_code', sa.String(length=40), nullable=True),
    sa.Column('explained_by', sa.String(length=100), nullable=True),
    sa.Column('told_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_duplicate_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate')),
    sa.UniqueConstraint('pair', name=op.f('uq_duplicate_pair'))
    )
    with op.batch_alter_table('duplicate', schema=None) as batch_op:
        batch_op.create_index('ix_duplicate_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_duplicate_state', ['state', 'id'], unique=False)

    op.create_table('referral',
    sa.Column('to', sa.String(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('due_day', sa.Date(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_referral_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral'))
    )
    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.create_index('ix_referral_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_due_day', ['due_day', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_purpose', ['purpose', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_state_due_day', ['state', 'due_day', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_to', ['to', 'id'], unique=False)
        batch_op.create_index('ix_referral_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('referral_answer',
    sa.Column('referrer', sa.String(length=32), nullable=False),
    sa.Column('referral_id', sa.String(length=36), nullable=False),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('result', sa.String(length=20), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_referral_answer_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_answer'))
    )
    with op.batch_alter_table('referral_answer', schema=None) as batch_op:
        batch_op.create_index('ix_referral_answer_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_referral_answer_by_referral_id', ['referral_id', 'id'], unique=False)
        batch_op.create_index('ix_referral_answer_by_referrer', ['referrer', 'id'], unique=False)
        batch_op.create_index('ix_referral_answer_by_result', ['result', 'id'], unique=False)
        batch_op.create_index('ix_referral_answer_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_referral_answer_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('worker_assignment',
    sa.Column('worker', sa.String(length=100), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_worker_assignment_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worker_assignment'))
    )
    with op.batch_alter_table('worker_assignment', schema=None) as batch_op:
        batch_op.create_index('ix_worker_assignment_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_worker_assignment_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_worker_assignment_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_worker_assignment_by_updated_at', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_worker_assignment_by_worker', ['worker', 'id'], unique=False)

    op.create_table('worker_substitution',
    sa.Column('worker', sa.String(length=100), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_worker_substitution_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worker_substitution'))
    )
    with op.batch_alter_table('worker_substitution', schema=None) as batch_op:
        batch_op.create_index('ix_worker_substitution_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_worker_substitution_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_worker_substitution_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_worker_substitution_by_updated_at', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_worker_substitution_by_worker', ['worker', 'id'], unique=False)

    with op.batch_alter_table('shared_record', schema=None) as batch_op:
        batch_op.create_index('ix_shared_record_referral', ['key', 'iss'], unique=False, sqlite_where=sa.text("record = 'referral'"), postgresql_where=sa.text("record = 'referral'"))

    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.add_column(sa.Column('received_referral_id', sa.String(length=36), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.drop_column('received_referral_id')

    with op.batch_alter_table('shared_record', schema=None) as batch_op:
        batch_op.drop_index('ix_shared_record_referral', sqlite_where=sa.text("record = 'referral'"), postgresql_where=sa.text("record = 'referral'"))

    with op.batch_alter_table('worker_substitution', schema=None) as batch_op:
        batch_op.drop_index('ix_worker_substitution_by_worker')
        batch_op.drop_index('ix_worker_substitution_by_updated_at')
        batch_op.drop_index('ix_worker_substitution_by_state')
        batch_op.drop_index('ix_worker_substitution_by_from_day')
        batch_op.drop_index('ix_worker_substitution_by_client_id')

    op.drop_table('worker_substitution')
    with op.batch_alter_table('worker_assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_worker_assignment_by_worker')
        batch_op.drop_index('ix_worker_assignment_by_updated_at')
        batch_op.drop_index('ix_worker_assignment_by_state')
        batch_op.drop_index('ix_worker_assignment_by_from_day')
        batch_op.drop_index('ix_worker_assignment_by_client_id')

    op.drop_table('worker_assignment')
    with op.batch_alter_table('referral_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_referral_answer_by_updated_at')
        batch_op.drop_index('ix_referral_answer_by_state')
        batch_op.drop_index('ix_referral_answer_by_result')
        batch_op.drop_index('ix_referral_answer_by_referrer')
        batch_op.drop_index('ix_referral_answer_by_referral_id')
        batch_op.drop_index('ix_referral_answer_by_client_id')

    op.drop_table('referral_answer')
    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.drop_index('ix_referral_by_updated_at')
        batch_op.drop_index('ix_referral_by_to')
        batch_op.drop_index('ix_referral_by_state_due_day')
        batch_op.drop_index('ix_referral_by_state')
        batch_op.drop_index('ix_referral_by_result')
        batch_op.drop_index('ix_referral_by_purpose')
        batch_op.drop_index('ix_referral_by_due_day')
        batch_op.drop_index('ix_referral_by_client_id')

    op.drop_table('referral')
    with op.batch_alter_table('duplicate', schema=None) as batch_op:
        batch_op.drop_index('ix_duplicate_state')
        batch_op.drop_index('ix_duplicate_client_id')

    op.drop_table('duplicate')
    with op.batch_alter_table('cost_agreement', schema=None) as batch_op:
        batch_op.drop_index('ix_cost_agreement_by_updated_at')
        batch_op.drop_index('ix_cost_agreement_by_state')
        batch_op.drop_index('ix_cost_agreement_by_other')
        batch_op.drop_index('ix_cost_agreement_by_from_day')
        batch_op.drop_index('ix_cost_agreement_by_form_id')
        batch_op.drop_index('ix_cost_agreement_by_confirms')
        batch_op.drop_index('ix_cost_agreement_by_client_id')

    op.drop_table('cost_agreement')
