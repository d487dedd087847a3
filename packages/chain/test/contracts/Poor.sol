// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Cannot be paid.
contract Poor {
    address private immutable nonet;

    constructor(address nonet_) {
        nonet = nonet_;
    }

    function call(bytes calldata data) external payable {
        (bool done, bytes memory reason) = nonet.call{value: msg.value}(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}
