"""how far the broker told anew who shares whom, since it began its mailboxes anew

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('retelling',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('after', sa.String(length=50), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retelling'))
    )


def downgrade() -> None:
    op.drop_table('retelling')
