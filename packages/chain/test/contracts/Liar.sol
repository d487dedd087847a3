// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Nonet} from "./Nonet.sol";
import {State} from "./State.sol";

/// Answers in place of a module, with what another contract says of itself.
contract Liar {
    Nonet private immutable other;

    constructor(address payable other_) {
        other = Nonet(other_);
    }

    function modules() external view returns (State.Modules memory) {
        return other.modules();
    }
}
