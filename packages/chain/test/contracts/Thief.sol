// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Takes part in a job and, when paid, calls back for more.
contract Thief {
    address private immutable nonet;
    bytes private again;
    bool public caught;

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

    function prepare(bytes calldata data) external {
        again = data;
    }

    receive() external payable {
        if (again.length == 0) return;
        (bool stolen,) = nonet.call(again);
        caught = !stolen;
    }
}
