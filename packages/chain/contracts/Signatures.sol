// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// EIP-712 signatures over a structure in a domain.
library Signatures {
    /// Half the order of secp256k1: of (s, v) and (-s, v') only the lower counts (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    function isSigned(address by, bytes32 domain, bytes32 structHash, bytes32 r, bytes32 s, uint8 v)
        internal
        pure
        returns (bool)
    {
        if (uint256(s) > HALF_ORDER) return false;
        address signer = ecrecover(keccak256(abi.encodePacked("\x19\x01", domain, structHash)), v, r, s);
        // What cannot be recovered yields the zero address, which could be listed.
        return signer != address(0) && signer == by;
    }
}
