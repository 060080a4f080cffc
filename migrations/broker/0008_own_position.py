"""how far a reader had signed its own stream when it acknowledged

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('stream_acknowledgement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('own_incarnation', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('own_position', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('stream_acknowledgement', schema=None) as batch_op:
        batch_op.drop_column('own_position')
        batch_op.drop_column('own_incarnation')
