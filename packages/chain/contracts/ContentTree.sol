// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Single leaves of blobs, shown in calldata with the path to the blob's address (docs/specs/content.md
/// §3). Known answers: vectors/content.
///
/// A shown leaf is `length u64 || size u16 || depth u8 || leaf || path`, integers big-endian: the blob's
/// length, the leaf's, and the number of siblings, 32 bytes each.
library ContentTree {
    /// Where a shown leaf lies in calldata.
    struct Shown {
        uint256 length;
        uint256 leaf;
        uint256 size;
        uint256 path;
        uint256 depth;
    }

    uint256 private constant LEAF_BYTES = 256;
    uint256 private constant MAXIMUM_LENGTH = 2 ** 40;

    /// The shown leaf that begins at this byte of calldata, and where it ends.
    function read(uint256 start) internal pure returns (Shown memory shown, uint256 next) {
        unchecked {
            uint256 word;
            assembly {
                word := calldataload(start)
            }
            shown.length = word >> 192;
            shown.size = (word >> 176) & 0xffff;
            shown.depth = (word >> 168) & 0xff;
            shown.leaf = start + 11;
            shown.path = shown.leaf + shown.size;
            next = shown.path + 32 * shown.depth;
        }
    }

    /// The address of the blob whose leaf `index` is shown; 0, which is no blob's, where it cannot be one.
    function rootOf(Shown memory shown, uint256 index) internal view returns (bytes32) {
        return rootWith(shown, index, 0, 0);
    }

    /// The same, with `zeros` bytes of the leaf from `from` on replaced by zeros.
    function rootWith(Shown memory shown, uint256 index, uint256 from, uint256 zeros) internal view returns (bytes32) {
        unchecked {
            uint256 length = shown.length;
            if (length > MAXIMUM_LENGTH) return 0;
            uint256 count = length == 0 ? 1 : (length + LEAF_BYTES - 1) / LEAF_BYTES;
            if (index >= count) return 0;
            uint256 left = length - LEAF_BYTES * index;
            if (shown.size != (left < LEAF_BYTES ? left : LEAF_BYTES)) return 0;
            (bytes32 top, bool complete) = _climb(_hashLeaf(shown, index, from, zeros), shown, index, count - 1);
            return complete ? _bind(length, top) : bytes32(0);
        }
    }

    /// SHA-256("nonet leaf\0" || index as u32 || leaf)
    function _hashLeaf(Shown memory shown, uint256 index, uint256 from, uint256 zeros)
        private
        view
        returns (bytes32 hash)
    {
        (uint256 leaf, uint256 size) = (shown.leaf, shown.size);
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, "nonet leaf")
            mstore(add(free, 11), shl(224, index))
            calldatacopy(add(free, 15), leaf, size)
            // From beyond the end of calldata: zeros.
            calldatacopy(add(add(free, 15), from), calldatasize(), zeros)
            if iszero(staticcall(gas(), 2, free, add(size, 15), 0, 32)) { revert(0, 0) }
            hash := mload(0)
        }
    }

    /// RFC 9162 §2.1.3.2; `complete` unless the path has not exactly the siblings that the tree asks for.
    function _climb(bytes32 hash, Shown memory shown, uint256 index, uint256 last)
        private
        view
        returns (bytes32, bool complete)
    {
        unchecked {
            uint256 free;
            // SHA-256("nonet node\0" || left || right)
            assembly ("memory-safe") {
                free := mload(0x40)
                mstore(free, "nonet node")
            }
            uint256 end = shown.path + 32 * shown.depth;
            for (uint256 sibling = shown.path; sibling < end; sibling += 32) {
                if (last == 0) return (0, false);
                bool isRight = index & 1 == 1 || index == last;
                assembly ("memory-safe") {
                    // The bytes behind the domain: one zero, left, right.
                    mstore(add(free, add(11, shl(5, isRight))), hash)
                    mstore(add(free, add(11, shl(5, iszero(isRight)))), calldataload(sibling))
                    if iszero(staticcall(gas(), 2, free, 75, 0, 32)) { revert(0, 0) }
                    hash := mload(0)
                }
                // The last node of a level that has no sibling goes up as it is.
                if (isRight) {
                    while (index & 1 == 0 && index != 0) (index, last) = (index >> 1, last >> 1);
                }
                (index, last) = (index >> 1, last >> 1);
            }
            return (hash, last == 0);
        }
    }

    /// SHA-256("nonet blob\0" || length as u64 || top)
    function _bind(uint256 length, bytes32 top) private view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, "nonet blob")
            mstore(add(free, 11), shl(192, length))
            mstore(add(free, 19), top)
            if iszero(staticcall(gas(), 2, free, 51, 0, 32)) { revert(0, 0) }
            hash := mload(0)
        }
    }
}
