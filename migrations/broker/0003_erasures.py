"""erasures, and what was said of people who are shared no longer

Revision: 0003, after 0002

Who had left before this version is taken to have left now: the days of keeping count from the upgrade.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure_mail',
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('iss', sa.String(length=32), nullable=False),
    sa.Column('stream_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('hash', 'institution', name=op.f('pk_erasure_mail'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('left_at', columns.UtcTime(), nullable=True))
        batch_op.add_column(sa.Column('purged_at', columns.UtcTime(), nullable=True))

    membership = sa.table('membership', sa.column('present', sa.Boolean()), sa.column('left_at', columns.UtcTime()))
    left = sa.update(membership).where(membership.c.present.is_(False))
    op.get_bind().execute(left.values(left_at=datetime.now(UTC)))


def downgrade() -> None:
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_column('purged_at')
        batch_op.drop_column('left_at')

    op.drop_table('erasure_mail')
