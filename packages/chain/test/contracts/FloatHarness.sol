// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Float32} from "./Float32.sol";

/// Many steps in one call.
contract FloatHarness {
    function steps(uint32[] calldata starts, int256[] calldata sums, uint256[] calldata divisors)
        external
        pure
        returns (uint32[] memory results)
    {
        results = new uint32[](starts.length);
        for (uint256 i; i < starts.length; i++) results[i] = Float32.step(starts[i], sums[i], divisors[i]);
    }

    function isFinite(uint32 bits) external pure returns (bool) {
        return Float32.isFinite(bits);
    }
}
