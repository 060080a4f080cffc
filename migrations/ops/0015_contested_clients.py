"""contested clients: since when two labour offices contest one, and what is asked because of it

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('client', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contested_since', columns.UtcTime(), nullable=True))
    with op.batch_alter_table('suspicion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contest', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('suspicion', schema=None) as batch_op:
        batch_op.alter_column('contest', server_default=None)


def downgrade() -> None:
    op.execute('DELETE FROM suspicion WHERE contest')
    with op.batch_alter_table('suspicion', schema=None) as batch_op:
        batch_op.drop_column('contest')
    op.drop_column('client', 'contested_since')  # a batch would make the table anew, which other tables refer to
