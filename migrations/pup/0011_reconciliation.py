"""reconciliation: runs and the work list

Revision: 0011, after 0009
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0011'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('discrepancy',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('run', sa.String(length=36), nullable=True),
    sa.Column('cause', sa.String(length=10), nullable=False),
    sa.Column('owner', sa.String(length=32), nullable=False),
    sa.Column('peer', sa.String(length=32), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=True),
    sa.Column('token', sa.String(length=50), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('found_at', columns.UtcTime(), nullable=False),
    sa.Column('mended_at', columns.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discrepancy'))
    )
    with op.batch_alter_table('discrepancy', schema=None) as batch_op:
        batch_op.create_index('ix_discrepancy_owner', ['owner', 'peer', 'state', 'position'], unique=False)

    op.create_table('reconciliation',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('figures', columns.JsonText(), nullable=False),
    sa.Column('request', sa.String(length=43), nullable=True),
    sa.Column('answer', sa.String(length=43), nullable=True),
    sa.Column('statement', sa.String(length=43), nullable=True),
    sa.Column('started_at', columns.UtcTime(), nullable=False),
    sa.Column('closed_at', columns.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation')),
    sa.UniqueConstraint('institution', 'key', name=op.f('uq_reconciliation_institution_key'))
    )
    with op.batch_alter_table('reconciliation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconciliation_state'), ['state'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('reconciliation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reconciliation_state'))

    op.drop_table('reconciliation')
    with op.batch_alter_table('discrepancy', schema=None) as batch_op:
        batch_op.drop_index('ix_discrepancy_owner')

    op.drop_table('discrepancy')
