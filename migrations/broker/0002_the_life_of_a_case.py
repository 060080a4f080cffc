"""the life of a case

Revision: 0002, after 0001

Cases keep what they were: open becomes proposed, decided becomes approved, and the decision gets a row of its own.
Entries of the ledger that were booked are numbered; those that were only proposed follow from the schedules and go.
"""

import sqlalchemy as sa
from alembic import op
from shared.runtime.database import columns
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('case_decision',
    sa.Column('case_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('assessment_id', sa.String(length=43), nullable=False),
    sa.Column('result_hash', sa.String(length=43), nullable=False),
    sa.Column('reason_code', sa.String(length=64), nullable=False),
    sa.Column('iss', sa.String(length=32), nullable=False),
    sa.Column('taken_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_case_decision'))
    )
    op.execute(
        "INSERT INTO case_decision (case_id, number, kind, assessment_id, result_hash, reason_code, iss, taken_at) "
        "SELECT c.id, 1, CASE c.state WHEN 'refused' THEN 'refused' ELSE 'approved' END, a.id, a.result_hash, "
        "'before_this_version', c.owner, c.assessed_at FROM benefit_case c JOIN assessment a ON a.id = c.decided"
    )
    with op.batch_alter_table('benefit_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('tokens', columns.JsonText(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('not_before', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('ends_on', sa.Date(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_benefit_case_token'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_benefit_case_token_number'), ['token', 'number'])
        batch_op.drop_column('decided')
    op.execute(
        "UPDATE benefit_case SET tokens = '[\"' || token || '\"]', "
        "state = CASE state WHEN 'open' THEN 'proposed' WHEN 'decided' THEN 'approved' ELSE state END"
    )
    with op.batch_alter_table('benefit_case', schema=None) as batch_op:
        batch_op.alter_column('number', server_default=None)
        batch_op.alter_column('tokens', server_default=None)

    op.execute("CREATE TABLE ledger_before AS SELECT * FROM ledger WHERE state = 'booked'")
    op.drop_table('ledger')
    op.create_table('ledger',
    sa.Column('case_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('assessment_id', sa.String(length=43), nullable=False),
    sa.Column('amount_gr', sa.BigInteger(), nullable=False),
    sa.Column('booked_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'number', name=op.f('pk_ledger'))
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_institution_month', ['institution', 'month'], unique=False)
    op.execute(
        "INSERT INTO ledger (case_id, number, month, institution, assessment_id, amount_gr, booked_at) "
        "SELECT case_id, ROW_NUMBER() OVER (PARTITION BY case_id ORDER BY booked_at, assessment_id, month, institution), "
        "month, institution, assessment_id, amount_gr, booked_at FROM ledger_before"
    )
    op.drop_table('ledger_before')


def downgrade() -> None:
    op.execute(
        "CREATE TABLE ledger_after AS SELECT case_id, month, institution, assessment_id, SUM(amount_gr) AS amount_gr, "
        "MIN(booked_at) AS booked_at FROM ledger GROUP BY case_id, month, institution, assessment_id"
    )
    with op.batch_alter_table('ledger', schema=None) as batch_op:
        batch_op.drop_index('ix_ledger_institution_month')
    op.drop_table('ledger')
    op.create_table('ledger',
    sa.Column('case_id', sa.String(length=36), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('institution', sa.String(length=32), nullable=False),
    sa.Column('assessment_id', sa.String(length=43), nullable=False),
    sa.Column('amount_gr', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('booked_at', columns.UtcTime(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'month', 'institution', 'assessment_id', name=op.f('pk_ledger'))
    )
    op.execute(
        "INSERT INTO ledger (case_id, month, institution, assessment_id, amount_gr, state, booked_at) "
        "SELECT case_id, month, institution, assessment_id, amount_gr, 'booked', booked_at FROM ledger_after"
    )
    op.drop_table('ledger_after')

    op.execute("DELETE FROM benefit_case WHERE number > 1")
    with op.batch_alter_table('benefit_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('decided', sa.String(length=43), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_benefit_case_token_number'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_benefit_case_token'), ['token'])
        batch_op.drop_column('ends_on')
        batch_op.drop_column('not_before')
        batch_op.drop_column('tokens')
        batch_op.drop_column('number')
    op.execute(
        "UPDATE benefit_case SET decided = (SELECT MAX(d.assessment_id) FROM case_decision d "
        "WHERE d.case_id = benefit_case.id AND d.number = 1), "
        "state = CASE state WHEN 'proposed' THEN 'open' WHEN 'refused' THEN 'refused' ELSE 'decided' END"
    )
    op.drop_table('case_decision')
