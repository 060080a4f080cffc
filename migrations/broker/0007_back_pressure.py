"""back-pressure: quotas, discarded dead letters, how lanes fare, and parted tables on PostgreSQL

Revision: 0007, after 0006

SETs are parted by the hash of their issuer, entries by that of their stream: what grows without end grows in parts of
its own. The rows are moved in this transaction, so nobody writes meanwhile. SQLite serves one node and has no parts.
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

PARTS = 8
SETS_BY, ENTRIES_BY = "iss", "stream_id"


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
    op.create_table('quota_use',
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('what', sa.String(length=8), nullable=False),
    sa.Column('period_s', sa.Integer(), nullable=False),
    sa.Column('starts', sa.BigInteger(), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('institution', 'what', 'period_s', name=op.f('pk_quota_use'))
    )
    if op.get_bind().dialect.name == 'postgresql':
        _rebuild_sets(f'PARTITION BY HASH ({SETS_BY})')
        _rebuild_entries(f'PARTITION BY HASH ({ENTRIES_BY})')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        _rebuild_entries('')
        _rebuild_sets('')
    op.drop_table('quota_use')
    op.execute("UPDATE dead_letter SET state = 'open' WHERE state = 'discarding'")
    op.execute("UPDATE dead_letter SET state = 'redriven' WHERE state = 'discarded'")
    op.drop_table('dead_letter_discard')
    op.drop_table('lane')


def _rebuild_sets(parted: str) -> None:
    for index in ('ix_set_bytes_iss_jti', 'ix_set_bytes_token_iss_n'):
        op.execute(f'DROP INDEX {index}')
    _rebuild('set_bytes', 'iss, hash', '', parted)
    op.create_index('ix_set_bytes_iss_jti', 'set_bytes', ['iss', 'jti'])
    op.create_index('ix_set_bytes_token_iss_n', 'set_bytes', ['token', 'iss', 'n'])


def _rebuild_entries(parted: str) -> None:
    foreign = ', CONSTRAINT fk_stream_entry_stream_id FOREIGN KEY (stream_id) REFERENCES stream (id)'
    _rebuild('stream_entry', 'stream_id, position', foreign, parted)


def _rebuild(table: str, key: str, foreign: str, parted: str) -> None:
    """Make a table anew under its own names, with parts or without, and move its rows."""
    op.execute(f'ALTER TABLE {table} RENAME TO {table}_before')
    op.execute(f'ALTER TABLE {table}_before RENAME CONSTRAINT pk_{table} TO pk_{table}_before')
    op.execute(
        f'CREATE TABLE {table} (LIKE {table}_before, CONSTRAINT pk_{table} PRIMARY KEY ({key}){foreign}) {parted}'
    )
    for part in range(PARTS) if parted else ():
        op.execute(f'CREATE TABLE {table}_{part} PARTITION OF {table} '
                   f'FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})')
    op.execute(f'INSERT INTO {table} SELECT * FROM {table}_before')
    op.execute(f'DROP TABLE {table}_before')
