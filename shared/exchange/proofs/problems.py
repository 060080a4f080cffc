"""What can be wrong with a proof: each failure is a problem of its own (WIRE.md, section 8)."""

from collections.abc import Mapping

from shared.domain.errors import Forbidden, Untrusted
from shared.exchange import jose


class ProofMissing(Untrusted):
    """The call carries no Zwornik-Proof header."""

    problem = "proof-missing"


class ProofMalformed(Untrusted):
    """The proof is not a compact token with the claims it needs."""

    problem = "proof-malformed"


class ProofType(Untrusted):
    """The proof is a token of another type."""

    problem = "proof-type"


class ProofAlgorithm(Untrusted):
    """The proof is not signed with ES256."""

    problem = "proof-algorithm"


class ProofUnknownKey(Untrusted):
    """The directory has no such key of this institution."""

    problem = "proof-unknown-key"


class ProofKeyExpired(Untrusted):
    """The key is known, but not valid now."""

    problem = "proof-key-expired"


class ProofSignature(Untrusted):
    """The signature of the proof does not hold."""

    problem = "proof-signature"


class ProofAudience(Untrusted):
    """The proof is meant for another receiver."""

    problem = "proof-audience"


class ProofNotYetValid(Untrusted):
    """The proof was issued in the future."""

    problem = "proof-not-yet-valid"


class ProofExpired(Untrusted):
    """The proof has run out."""

    problem = "proof-expired"


class ProofMethod(Untrusted):
    """The proof is for another method."""

    problem = "proof-method"


class ProofTarget(Untrusted):
    """The proof is for another path or query."""

    problem = "proof-target"


class ProofDigest(Untrusted):
    """The content is not the content that was signed."""

    problem = "proof-digest"


class ProofDigestEncoding(Untrusted):
    """The content digest is not base64 between colons, as RFC 9530 writes it."""

    problem = "proof-digest-encoding"


class ProofReplayed(Untrusted):
    """The proof was used before."""

    problem = "proof-replayed"


class IssuerUnknown(Untrusted):
    """No institution of that id takes part, or it waits for approval."""

    problem = "issuer-unknown"


class IssuerSuspended(Forbidden):
    """The institution is suspended or retired."""

    problem = "issuer-suspended"


BY_REASON: Mapping[jose.Reason, type[Untrusted]] = {
    "malformed": ProofMalformed,
    "type": ProofType,
    "algorithm": ProofAlgorithm,
    "signature": ProofSignature,
}
