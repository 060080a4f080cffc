"""What every service of Zwornik stands on: vocabulary, runtime, exchange, and the institution."""
