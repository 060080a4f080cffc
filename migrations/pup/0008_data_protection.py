"""data protection: erasures, legal holds, requests of people, purges

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.Column('ground', sa.String(length=20), nullable=False),
    sa.Column('term', sa.Date(), nullable=False),
    sa.Column('erased_by', sa.String(length=100), nullable=False),
    sa.Column('erased_at', columns.UtcTime(), nullable=False),
    sa.Column('sets', sa.Integer(), nullable=False),
    sa.Column('words', columns.JsonText(), nullable=False),
    sa.Column('holders', columns.JsonText(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('checked_at', columns.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index('ix_erasure_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_erasure_done', ['done'], unique=False)

    op.create_table('legal_hold',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('reason_code', sa.String(length=64), nullable=False),
    sa.Column('set_by', sa.String(length=100), nullable=False),
    sa.Column('set_at', columns.UtcTime(), nullable=False),
    sa.Column('lifted_reason', sa.String(length=64), nullable=True),
    sa.Column('lifted_by', sa.String(length=100), nullable=True),
    sa.Column('lifted_at', columns.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_legal_hold_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold'))
    )
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_client_id'), ['client_id'], unique=False)

    op.create_table('subject_request',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('note', columns.Encrypted('subject_request.note'), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('reason_code', sa.String(length=64), nullable=True),
    sa.Column('answered_on', sa.Date(), nullable=True),
    sa.Column('answered_by', sa.String(length=100), nullable=True),
    sa.Column('lifted_on', sa.Date(), nullable=True),
    sa.Column('lifted_by', sa.String(length=100), nullable=True),
    sa.Column('amended', columns.JsonText(), nullable=False),
    sa.Column('recorded_by', sa.String(length=100), nullable=False),
    sa.Column('recorded_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_subject_request_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject_request'))
    )
    with op.batch_alter_table('subject_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subject_request_client_id'), ['client_id'], unique=False)

    op.create_table('purge',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('at', columns.UtcTime(), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(length=100), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purge'))
    )
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restricted_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('client', 'restricted_on')  # a batch would make the table anew, which other tables refer to
    op.drop_table('purge')
    with op.batch_alter_table('subject_request', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subject_request_client_id'))

    op.drop_table('subject_request')
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_legal_hold_client_id'))

    op.drop_table('legal_hold')
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.drop_index('ix_erasure_done')
        batch_op.drop_index('ix_erasure_client_id')

    op.drop_table('erasure')
