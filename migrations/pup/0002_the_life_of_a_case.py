"""the life of a case

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger',
    sa.Column('case_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('assessment_id', sa.String(length=43), nullable=False),
    sa.Column('amount_gr', sa.BigInteger(), nullable=False),
    sa.Column('booked_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_ledger'))
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_institution_month', ['institution', 'month'], unique=False)

    op.create_table('budget',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('from_month', sa.String(length=7), nullable=False),
    sa.Column('until_month', sa.String(length=7), nullable=False),
    sa.Column('amount_gr', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget')),
    sa.UniqueConstraint('from_month', name=op.f('uq_budget_from_month'))
    )
    op.create_table('payment',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('case_id', sa.String(length=36), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('covers', columns.JsonText(), nullable=False),
    sa.Column('held_back_gr', sa.BigInteger(), nullable=False),
    sa.Column('reason_code', sa.String(length=64), nullable=True),
    sa.Column('booked_by', sa.String(length=100), nullable=False),
    sa.Column('booked_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('case_id', 'month', name=op.f('uq_payment_case_id_month'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_payment_month'), ['month'], unique=False)

    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.create_index('ix_assessment_case_id', ['case_id'], unique=False)

    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('happened_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('document', columns.Encrypted('decision.document'), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_column('document')
        batch_op.drop_column('happened_on')

    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.drop_index('ix_assessment_case_id')

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_payment_month'))
        batch_op.drop_index(batch_op.f('ix_payment_case_id'))

    op.drop_table('payment')
    op.drop_table('budget')
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_institution_month')

    op.drop_table('ledger')
