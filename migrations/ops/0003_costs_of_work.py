"""costs of work

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('household', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_household_opaque_id'), ['opaque_id'], unique=False)

    op.create_table('household_income',
    sa.Column('monthly_net_gr', sa.BigInteger(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_household_income_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household_income'))
    )
    with op.batch_alter_table('household_income', schema=None) as batch_op:
        batch_op.create_index('ix_household_income_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_household_income_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_household_income_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_household_income_by_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('work_cost',
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('monthly_gr', sa.BigInteger(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('note', columns.Encrypted('record.note'), nullable=True),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], name=op.f('fk_work_cost_client_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_cost'))
    )
    with op.batch_alter_table('work_cost', schema=None) as batch_op:
        batch_op.create_index('ix_work_cost_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_work_cost_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_work_cost_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_work_cost_by_updated_at', ['updated_at', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('work_cost', schema=None) as batch_op:
        batch_op.drop_index('ix_work_cost_by_updated_at')
        batch_op.drop_index('ix_work_cost_by_state')
        batch_op.drop_index('ix_work_cost_by_from_day')
        batch_op.drop_index('ix_work_cost_by_client_id')

    op.drop_table('work_cost')
    with op.batch_alter_table('household_income', schema=None) as batch_op:
        batch_op.drop_index('ix_household_income_by_updated_at')
        batch_op.drop_index('ix_household_income_by_state')
        batch_op.drop_index('ix_household_income_by_from_day')
        batch_op.drop_index('ix_household_income_by_client_id')

    op.drop_table('household_income')
    with op.batch_alter_table('household', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_household_opaque_id'))
