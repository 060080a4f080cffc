"""how far the change feed went at the first start since the office last compared heads with the broker

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('change_head', schema=None) as batch_op:
        batch_op.add_column(sa.Column('uncompared', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('change_head', schema=None) as batch_op:
        batch_op.drop_column('uncompared')
