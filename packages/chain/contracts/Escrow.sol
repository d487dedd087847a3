// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rounds} from "./Rounds.sol";

/// Paying out (§9). Whoever is owed asks for it; state changes before the payment, so a receiver that calls back finds nothing owed.
abstract contract Escrow is Rounds {
    uint256 private constant BOND_LOCK = 86_400;

    /// §9.2, §9.3
    function withdraw(bytes32 job, uint256[] calldata rounds) external {
        Job storage known = _known(job);
        for (uint256 i; i < rounds.length; i++) {
            require((i == 0 || rounds[i] > rounds[i - 1]) && rounds[i] < known.opened, WrongSet());
        }
        uint256 participant = known.members[msg.sender].number;
        (uint256 amount, uint256[] memory paid) = participant == 0
            ? (0, new uint256[](0))
            : _payShares(known, rounds, --participant);
        bool refunds = _mayRefund(known, rounds.length);
        bool returns_ = _mayReturnBond(known);
        bool ends = refunds && known.end == End.None && known.finals < known.rounds;
        if (refunds) amount += known.escrow - known.spent;
        if (returns_) amount += known.bond;
        require(amount > 0, NothingOwed());
        if (refunds) known.refunded = true;
        if (returns_) known.bondReturned = true;
        if (ends) {
            known.end = End.Withdrawn;
            known.endedAt = uint40(block.timestamp);
        }
        emit Withdrawn(job, msg.sender, rounds, paid, participant, amount, refunds, returns_, ends);
        (bool sent,) = msg.sender.call{value: amount}("");
        require(sent, PaymentFailed());
    }

    /// Marks the participant's unpaid shares of final rounds as paid; `paid` lists those rounds.
    function _payShares(Job storage job, uint256[] calldata rounds, uint256 participant)
        private
        returns (uint256 amount, uint256[] memory paid)
    {
        paid = new uint256[](rounds.length);
        uint256 count;
        for (uint256 i; i < rounds.length; i++) {
            Round storage round = job.rounds_[rounds[i]];
            if (_phaseOf(job, rounds[i]) != Phase.Final || _contains(round.paidSet, participant)) continue;
            if (round.commitments[participant] == 0 || _contains(round.unavailableSet, participant)) continue;
            if (_contains(round.refusedSet, participant)) continue;
            uint256 share = _share(job, _accepted(round));
            if (share == 0) continue;
            _toggle(round.paidSet, participant);
            amount += share;
            paid[count++] = rounds[i];
        }
        assembly ("memory-safe") {
            mstore(paid, count)
        }
    }

    /// Every round is over when all steps are final and the last round is settled: a round opens only when the one before is settled.
    function _mayRefund(Job storage job, uint256 listed) private view returns (bool) {
        return msg.sender == job.creator && listed == 0 && !job.refunded && job.finals == job.steps
            && (job.opened == 0 || _isSettled(job.rounds_[job.opened - 1]));
    }

    function _mayReturnBond(Job storage job) private view returns (bool) {
        return job.end == End.Objected && msg.sender == job.objector && !job.bondReturned
            && block.timestamp > uint256(job.endedAt) + BOND_LOCK;
    }
}
