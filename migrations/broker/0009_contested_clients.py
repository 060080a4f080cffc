"""contested clients: who is held, who was asked what it has, and whether a labour office is let in

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contested', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('asked', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('suspicion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contest', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_constraint(batch_op.f('uq_suspicion_token_pup_welfare'), type_='unique')
        batch_op.create_unique_constraint(
            batch_op.f('uq_suspicion_token_pup_welfare_contest'), ['token', 'pup', 'welfare', 'contest']
        )
    for table, names in (('person', ('contested',)), ('membership', ('held', 'asked')), ('suspicion', ('contest',))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    op.execute('DELETE FROM suspicion WHERE contest')
    with op.batch_alter_table('suspicion', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_suspicion_token_pup_welfare_contest'), type_='unique')
        batch_op.create_unique_constraint(
            batch_op.f('uq_suspicion_token_pup_welfare'), ['token', 'pup', 'welfare']
        )
        batch_op.drop_column('contest')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_column('asked')
        batch_op.drop_column('held')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('contested')
