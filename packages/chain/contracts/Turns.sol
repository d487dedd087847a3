// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";

/// From phase to phase, and from one aggregator's turn to the next.
abstract contract Turns is State {
    /// §1.4: enters `phase`, or the first after it that is not skipped.
    function _enter(Job storage job, Round storage round, Phase phase) internal {
        uint32 duration = job.phases[uint256(phase) - 1];
        if (duration == 0) {
            if (phase == Phase.Open) return _enter(job, round, Phase.Collecting);
            if (phase == Phase.Complaining) return _enter(job, round, Phase.Opening);
            if (phase == Phase.Opening) return _enter(job, round, Phase.Stepping);
        }
        Head storage head = round.head;
        head.phase = phase;
        head.deadline = uint40(block.timestamp + duration);
        head.turn = 0;
        if (phase == Phase.Collecting && head.regular == 0 && job.maskEntries == 0) head.regularSince = uint40(block.timestamp);
    }

    /// §5.4
    function _fixInclusionSet(Job storage job, Round storage round) internal {
        if (_included(round) < _smallestSet(job, round)) _fail(job, round);
        else _enter(job, round, Phase.Complaining);
    }

    /// §12.3: the mask set is known, and the round waits for those of it that it has waited for.
    function _fixMaskSet(Job storage job, Round storage round) internal {
        if (round.masking.registered < _smallestSet(job, round)) return _fail(job, round);
        round.head.outstanding = round.masking.awaited;
        _enter(job, round, Phase.Collecting);
    }

    /// §5.2, §6.4
    function _passTurn(Job storage job, Round storage round) internal {
        job.lead = _nextStanding(job, job.lead);
        uint256 turn = uint256(round.head.turn) + 1;
        if (turn >= _countBits(job.standing)) return _fail(job, round);
        round.head.turn = uint8(turn);
        round.head.deadline = uint40(block.timestamp + job.phases[uint256(round.head.phase) - 1]);
    }

    /// A round that ends without a step, through no proven fault.
    function _fail(Job storage job, Round storage round) internal {
        round.head.phase = Phase.Void;
        job.failures++;
    }

    /// This round and all later ones are void (§8.8, §9.2): see `_phaseOf`. Of the later ones only
    /// the running one can be before objecting, because a round opens when all are settled.
    function _truncate(Job storage job, Round storage round) internal {
        job.steps = round.step;
        job.model = round.model;
        Round storage running = job.list[job.running];
        if (!_isSettled(running)) running.head.phase = Phase.Void;
    }

    function _countBits(uint256 set) internal pure returns (uint256 count) {
        for (; set != 0; set &= set - 1) count++;
    }
}
