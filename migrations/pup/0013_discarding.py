"""discarding: dead letters that two officials discard, and how lanes fare

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lane',
    sa.Column('name', sa.String(length=16), nullable=False),
    sa.Column('holder', sa.String(length=36), nullable=False),
    sa.Column('problem', sa.String(length=40), nullable=True),
    sa.Column('detail', sa.String(length=200), nullable=True),
    sa.Column('failures', sa.BigInteger(), nullable=False),
    sa.Column('last_contact', columns.UtcTime(), nullable=True),
    sa.Column('holds_until', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'holder', name=op.f('pk_lane'))
    )
    op.create_table('dead_letter_discard',
    sa.Column('letter_id', sa.String(length=36), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('asked_by', sa.String(length=100), nullable=False),
    sa.Column('asked_at', columns.UtcTime(), nullable=False),
    sa.Column('confirmed_by', sa.String(length=100), nullable=True),
    sa.Column('confirmed_at', columns.UtcTime(), nullable=True),
    sa.ForeignKeyConstraint(['letter_id'], ['dead_letter.id'], name=op.f('fk_dead_letter_discard_letter_id')),
    sa.PrimaryKeyConstraint('letter_id', name=op.f('pk_dead_letter_discard'))
    )


def downgrade() -> None:
    op.execute("UPDATE dead_letter SET state = 'open' WHERE state = 'discarding'")
    op.execute("UPDATE dead_letter SET state = 'redriven' WHERE state = 'discarded'")
    op.drop_table('dead_letter_discard')
    op.drop_table('lane')
