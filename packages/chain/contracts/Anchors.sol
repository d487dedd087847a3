// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Anchors: that a root existed when its block was made, and who posted it. Anybody may post anything; nothing is stored but the event.
abstract contract Anchors {
    event Anchored(bytes32 indexed job, bytes32 indexed root, address by);

    function anchor(bytes32 job, bytes32 root) external {
        emit Anchored(job, root, msg.sender);
    }
}
