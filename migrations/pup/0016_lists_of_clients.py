"""the lists of clients, by state and by change

Revision: 0016, after 0015
"""

from alembic import op
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_client_by_state', 'client', ['state', 'id'], unique=False)
    op.create_index('ix_client_by_updated_at', 'client', ['updated_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_client_by_updated_at', table_name='client')
    op.drop_index('ix_client_by_state', table_name='client')
