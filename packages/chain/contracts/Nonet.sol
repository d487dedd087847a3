// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchors} from "./Anchors.sol";
import {Escrow} from "./Escrow.sol";
import {Jobs} from "./Jobs.sol";

/// Jobs, rounds, escrow and anchors in one contract. No owner, no upgrade, no way to change a closed round.
contract Nonet is Jobs, Escrow, Anchors {
    /// Where a search for events begins. Storage, not immutable: so all deployments have the same code, and a client knows it by its hash.
    uint256 public deployedIn = block.number;
}
