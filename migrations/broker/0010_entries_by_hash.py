"""entries of streams are found by their hash

Revision: 0010, after 0009
"""

from alembic import op
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_stream_entry_hash'), 'stream_entry', ['hash'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_stream_entry_hash'), table_name='stream_entry')
