"""records in lists

Revision: 0004, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('benefit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_benefit_client_id'))
        batch_op.create_index('ix_benefit_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_benefit_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('employment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_employment_client_id'))
        batch_op.create_index('ix_employment_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_contract_kind', ['contract_kind', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_employment_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('household', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_household_client_id'))
        batch_op.create_index('ix_household_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_household_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_household_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_household_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_social_contract_client_id'))
        batch_op.create_index('ix_social_contract_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_social_contract_by_form', ['form', 'id'], unique=False)
        batch_op.create_index('ix_social_contract_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_social_contract_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_social_contract_by_updated_at', ['updated_at', 'id'], unique=False)

    with op.batch_alter_table('support_form', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_support_form_client_id'))
        batch_op.create_index('ix_support_form_by_client_id', ['client_id', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_code', ['code', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_from_day', ['from_day', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_status', ['status', 'id'], unique=False)
        batch_op.create_index('ix_support_form_by_updated_at', ['updated_at', 'id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('support_form', schema=None) as batch_op:
        batch_op.drop_index('ix_support_form_by_updated_at')
        batch_op.drop_index('ix_support_form_by_status')
        batch_op.drop_index('ix_support_form_by_state')
        batch_op.drop_index('ix_support_form_by_from_day')
        batch_op.drop_index('ix_support_form_by_code')
        batch_op.drop_index('ix_support_form_by_client_id')
        batch_op.create_index(batch_op.f('ix_support_form_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('social_contract', schema=None) as batch_op:
        batch_op.drop_index('ix_social_contract_by_updated_at')
        batch_op.drop_index('ix_social_contract_by_state')
        batch_op.drop_index('ix_social_contract_by_from_day')
        batch_op.drop_index('ix_social_contract_by_form')
        batch_op.drop_index('ix_social_contract_by_client_id')
        batch_op.create_index(batch_op.f('ix_social_contract_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('household', schema=None) as batch_op:
        batch_op.drop_index('ix_household_by_updated_at')
        batch_op.drop_index('ix_household_by_state')
        batch_op.drop_index('ix_household_by_from_day')
        batch_op.drop_index('ix_household_by_client_id')
        batch_op.create_index(batch_op.f('ix_household_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('employment', schema=None) as batch_op:
        batch_op.drop_index('ix_employment_by_updated_at')
        batch_op.drop_index('ix_employment_by_state')
        batch_op.drop_index('ix_employment_by_contract_kind')
        batch_op.drop_index('ix_employment_by_client_id')
        batch_op.create_index(batch_op.f('ix_employment_client_id'), ['client_id'], unique=False)

    with op.batch_alter_table('benefit', schema=None) as batch_op:
        batch_op.drop_index('ix_benefit_by_updated_at')
        batch_op.drop_index('ix_benefit_by_state')
        batch_op.drop_index('ix_benefit_by_from_day')
        batch_op.drop_index('ix_benefit_by_code')
        batch_op.drop_index('ix_benefit_by_client_id')
        batch_op.create_index(batch_op.f('ix_benefit_client_id'), ['client_id'], unique=False)

