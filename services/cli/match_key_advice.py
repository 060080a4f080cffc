"""What is wrong with the match keys of an office, measured by the directory, and what helps."""

from pathlib import Path

from shared.domain.institutions import OfficeProgram
from shared.exchange.match_key_file import load_match_key, next_to
from shared.exchange.match_keys import MatchKeys


def match_key_advice(file: Path, office: OfficeProgram, keys: MatchKeys) -> tuple[str, str] | None:
    """Return what is wrong with the keys of an office and how it is mended; nothing where they are those in force.

    :raises InsecureFile: others can read a key.
    :raises Invalid: a file holds none.
    """
    ours = [load_match_key(one) for one in (file, next_to(file)) if one.exists()]
    is_named = keys.is_next if keys.next else keys.is_current
    if not ours or keys.fingerprint is None or any(is_named(one.fingerprint) for one in ours):
        return None
    named = keys.next or keys
    following = f"take the one that follows: zwornik match-key rotate {office} THEIR_FILE"
    if any(keys.knows(one.fingerprint) for one in ours):
        says = f"the match key of epoch {named.epoch} follows, fingerprint {named.fingerprint}, and is missing here"
        return says, f"get it from the custodian; {following}"
    says = f"the federation's match key is {keys.fingerprint}, ours is {ours[0].fingerprint}"
    if named.epoch is not None and named.epoch > ours[0].epoch:
        return says, f"get the key of epoch {named.epoch} from the custodian; {following}"
    return says, f"move {file} away; get the right one from the custodian: zwornik match-key import THEIR_FILE {file}"
