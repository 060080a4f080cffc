"""duplicates of support, desks in the directory

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('duplicate',
    sa.Column('token', sa.String(length=50), nullable=False),
    sa.Column('id', sa.String(length=43), nullable=False),
    sa.Column('payload', columns.JsonText(), nullable=False),
    sa.PrimaryKeyConstraint('token', 'id', name=op.f('pk_duplicate'))
    )
    with op.batch_alter_table('institution', schema=None) as batch_op:
        batch_op.add_column(sa.Column('desks', columns.JsonText(), nullable=False, server_default='[]'))
    with op.batch_alter_table('institution', schema=None) as batch_op:
        batch_op.alter_column('desks', server_default=None)

    with op.batch_alter_table('shared_record', schema=None) as batch_op:
        batch_op.create_index('ix_shared_record_referral', ['key', 'iss'], unique=False, sqlite_where=sa.text("record = 'referral'"), postgresql_where=sa.text("record = 'referral'"))



def downgrade() -> None:
    with op.batch_alter_table('shared_record', schema=None) as batch_op:
        batch_op.drop_index('ix_shared_record_referral', sqlite_where=sa.text("record = 'referral'"), postgresql_where=sa.text("record = 'referral'"))

    with op.batch_alter_table('institution', schema=None) as batch_op:
        batch_op.drop_column('desks')

    op.drop_table('duplicate')
