"""imports

Revision: 0005, after 0002
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_job',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('map_name', sa.String(length=40), nullable=False),
    sa.Column('map_text', sa.Text(), nullable=False),
    sa.Column('dry_run', sa.Boolean(), nullable=False),
    sa.Column('format', sa.String(length=4), nullable=False),
    sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('header', columns.JsonText(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('done_line', sa.Integer(), nullable=False),
    sa.Column('created', sa.Integer(), nullable=False),
    sa.Column('amended', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('problem', columns.JsonText(), nullable=True),
    sa.Column('asked_by', sa.String(length=100), nullable=False),
    sa.Column('created_at', columns.UtcTime(), nullable=False),
    sa.Column('updated_at', columns.UtcTime(), nullable=False),
    sa.Column('finished_at', columns.UtcTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_job'))
    )
    with op.batch_alter_table('import_job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_job_state'), ['state'], unique=False)

    op.create_table('import_page',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('outcomes', columns.Encrypted('import_page.outcomes'), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import_job.id'], name=op.f('fk_import_page_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'line', name=op.f('pk_import_page'))
    )
    op.create_table('import_part',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('content', columns.EncryptedBytes('import_part.content'), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import_job.id'], name=op.f('fk_import_part_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'part', name=op.f('pk_import_part'))
    )


def downgrade() -> None:
    op.drop_table('import_part')
    op.drop_table('import_page')
    with op.batch_alter_table('import_job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_import_job_state'))

    op.drop_table('import_job')
