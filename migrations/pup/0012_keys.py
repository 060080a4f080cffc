"""keys: whose are known, and when the broker received what came under them

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('known_key',
    sa.Column('iss', sa.String(length=32), nullable=False),
    sa.Column('kid', sa.String(length=43), nullable=False),
    sa.Column('jwk', sa.Text(), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('at', columns.UtcTime(), nullable=False),
    sa.Column('distrusted_since', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('iss', 'kid', name=op.f('pk_known_key'))
    )
    with op.batch_alter_table('set_bytes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('received_at', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('set_bytes', schema=None) as batch_op:
        batch_op.drop_column('received_at')

    op.drop_table('known_key')
