"""The broker over HTTP: the federation plane under proofs, the operator's plane under bearer tokens."""
