// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContentTree} from "./ContentTree.sol";

/// The roots of shown leaves.
contract TreeHarness {
    using ContentTree for ContentTree.Shown;

    /// `read` are the bytes that the leaf takes.
    function rootOf(uint256 index, bytes calldata packed) external view returns (bytes32 root, uint256 read) {
        uint256 start;
        assembly {
            start := packed.offset
        }
        (ContentTree.Shown memory shown, uint256 next) = ContentTree.read(start);
        return (shown.rootOf(index), next - start);
    }

    function rootWith(uint256 index, bytes calldata packed, uint256 from, uint256 zeros)
        external
        view
        returns (bytes32)
    {
        uint256 start;
        assembly {
            start := packed.offset
        }
        (ContentTree.Shown memory shown,) = ContentTree.read(start);
        return shown.rootWith(index, from, zeros);
    }
}
