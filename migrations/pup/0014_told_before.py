"""what a restored office told before, and how far a reader had signed when it acknowledged

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('told_before',
    sa.Column('token', sa.String(length=50), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('changes', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_told_before'))
    )
    with op.batch_alter_table('stream_acknowledgement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own_incarnation', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('own_position', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('stream_acknowledgement', schema=None) as batch_op:
        batch_op.drop_column('own_position')
        batch_op.drop_column('own_incarnation')

    op.drop_table('told_before')
