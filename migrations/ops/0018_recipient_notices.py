"""offices to be told of a rectification or a restriction

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recipient_notice',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('request_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('office', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('told_at', columns.UtcTime(), nullable=True),
    sa.Column('told_by', sa.String(length=100), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_recipient_notice_client_id')),
    sa.ForeignKeyConstraint(['request_id'], ['subject_request.id'], name=op.f('fk_recipient_notice_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipient_notice'))
    )
    with op.batch_alter_table('recipient_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recipient_notice_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recipient_notice_request_id'), ['request_id'], unique=False)
        batch_op.create_index('ix_recipient_notice_state', ['state', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('recipient_notice', schema=None) as batch_op:
        batch_op.drop_index('ix_recipient_notice_state')
        batch_op.drop_index(batch_op.f('ix_recipient_notice_request_id'))
        batch_op.drop_index(batch_op.f('ix_recipient_notice_client_id'))

    op.drop_table('recipient_notice')
