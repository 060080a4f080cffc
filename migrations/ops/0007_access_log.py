"""the access log: who read whose data, when and why

Revision: 0007, after 0004
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('access',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('at', columns.UtcTime(), nullable=False),
    sa.Column('subject', sa.String(length=100), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('operation', sa.String(length=80), nullable=False),
    sa.Column('record', sa.String(length=36), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access'))
    )
    with op.batch_alter_table('access', schema=None) as batch_op:
        batch_op.create_index('ix_access_at', ['at'], unique=False)

    op.create_table('access_person',
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('access_id', sa.String(length=36), nullable=False),
    sa.Column('basis', sa.String(length=32), nullable=False),
    sa.Column('case_number', columns.Encrypted('client.case_number'), nullable=False),
    sa.PrimaryKeyConstraint('client_id', 'access_id', name=op.f('pk_access_person'))
    )
    op.create_table('access_request',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('members', columns.JsonText(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('asked_by', sa.String(length=100), nullable=False),
    sa.Column('asked_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_request'))
    )
    with op.batch_alter_table('access_request', schema=None) as batch_op:
        batch_op.create_index('ix_access_request_client_id', ['client_id', 'id'], unique=False)

    op.create_table('access_answer',
    sa.Column('request_id', sa.String(length=36), nullable=False),
    sa.Column('iss', sa.String(length=32), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('parts', sa.Integer(), nullable=False),
    sa.Column('reads', columns.JsonText(), nullable=False),
    sa.Column('answered_at', columns.UtcTime(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['access_request.id'], name=op.f('fk_access_answer_request_id')),
    sa.PrimaryKeyConstraint('request_id', 'iss', 'part', name=op.f('pk_access_answer'))
    )
    op.create_table('client_members',
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.Column('token', sa.String(length=50), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('members', columns.JsonText(), nullable=False),
    sa.Column('since', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('client_id', 'token', 'generation', name=op.f('pk_client_members'))
    )
    op.create_table('former_token',
    sa.Column('token', sa.String(length=50), nullable=False),
    sa.Column('client_id', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('token', 'client_id', name=op.f('pk_former_token'))
    )
    with op.batch_alter_table('former_token', schema=None) as batch_op:
        batch_op.create_index('ix_former_token_client_id', ['client_id'], unique=False)

    # Of generations before the last one nothing was kept; the last one stands from the client's own first day.
    op.execute(
        'INSERT INTO client_members (client_id, token, generation, members, since) '
        'SELECT id, token, generation, members, created_at FROM client WHERE generation > 0'
    )


def downgrade() -> None:
    with op.batch_alter_table('former_token', schema=None) as batch_op:
        batch_op.drop_index('ix_former_token_client_id')

    op.drop_table('former_token')
    op.drop_table('client_members')
    op.drop_table('access_answer')
    with op.batch_alter_table('access_request', schema=None) as batch_op:
        batch_op.drop_index('ix_access_request_client_id')

    op.drop_table('access_request')
    op.drop_table('access_person')
    with op.batch_alter_table('access', schema=None) as batch_op:
        batch_op.drop_index('ix_access_at')

    op.drop_table('access')
