"""match keys that follow each other, and the two tokens of a person meanwhile

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('match_key',
    sa.Column('fingerprint', sa.String(length=16), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('moves_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_match_key'))
    )
    op.create_table('person_pair',
    sa.Column('old', sa.String(length=50), nullable=False),
    sa.Column('new', sa.String(length=50), nullable=False),
    sa.Column('moved', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('old', name=op.f('pk_person_pair')),
    sa.UniqueConstraint('new', name=op.f('uq_person_pair_new'))
    )
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('next_check', sa.String(length=2), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_column('next_check')

    op.drop_table('person_pair')
    op.drop_table('match_key')
