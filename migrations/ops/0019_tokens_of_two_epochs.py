"""tokens of a client under another match key

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('former_token', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alias', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('former_token', schema=None) as batch_op:
        batch_op.alter_column('alias', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('former_token', schema=None) as batch_op:
        batch_op.drop_column('alias')
