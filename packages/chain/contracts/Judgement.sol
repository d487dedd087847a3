// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Receipts} from "./Receipts.sol";
import {Turns} from "./Turns.sol";

/// Module of Nonet: appeals (§5.3), demands and answers (§7), and the objections that no ledger judges (§9).
contract Judgement is Turns, Receipts {
    /// §5.3
    function appeal(bytes32 job, uint256 round, Receipt[] calldata receipts) external payable {
        require(_isReceiptArray(receipts, 3), WrongEncoding());
        Round storage current = _running(job, round, Phase.Appealing);
        Job storage known = _jobs[job];
        uint256 number = known.members[msg.sender].number;
        require(number != 0 && _contains(current.unavailableSet, number - 1), WrongRole());
        uint256 commitment = current.commitments[number - 1];
        require(_isReceiptSetFor(known, commitment, receipts), WrongReceipt());
        _toggle(current.unavailableSet, number - 1);
        _toggle(current.appealedSet, number - 1);
        current.unavailable--;
        current.head.weight += _weightOf(commitment);
        _accept(job, 0);
    }

    /// §7.1
    function demand(bytes32 job, uint256 round, uint256 participant) external payable {
        Job storage known = _known(job);
        Round storage current = known.list[round];
        uint256 time = known.phases[uint256(Phase.Appealing) - 1];
        require(round < known.opened, WrongRound());
        Phase phase = _phaseOf(known, round);
        require(time > 0 && _isAnswerable(phase), WrongPhase());
        require(
            _takesPart(known, current) || known.members[msg.sender].watcher
                || known.members[msg.sender].aggregator != 0,
            WrongRole()
        );
        require(_isIncluded(current, participant), WrongSet());
        require(
            current.demands[participant].by == address(0) && !_contains(current.appealedSet, participant), Repeated()
        );
        require(phase < Phase.Stepping || block.timestamp <= current.head.deadline, TooLate());
        current.demands[participant] = Demand(msg.sender, uint40(block.timestamp + time), false);
        current.unanswered++;
        _accept(job, 0);
    }

    /// §7.3
    function answer(bytes32 job, uint256 round, uint256 participant, Receipt[] calldata receipts) external payable {
        require(_isReceiptArray(receipts, 4), WrongEncoding());
        Job storage known = _known(job);
        Round storage current = known.list[round];
        require(round < known.opened, WrongRound());
        require(_isAnswerable(_phaseOf(known, round)), WrongPhase());
        Demand storage asked = current.demands[participant];
        require(asked.by != address(0) && !asked.answered, WrongSet());
        require(_isReceiptSetFor(known, current.commitments[participant], receipts), WrongReceipt());
        asked.answered = true;
        current.unanswered--;
        current.answeredAt = uint40(block.timestamp);
        _accept(job, 0);
    }

    function _isAnswerable(Phase phase) private pure returns (bool) {
        return phase >= Phase.Complaining && phase <= Phase.Objecting;
    }

    /// Whether the sender was a participant when the round opened.
    function _takesPart(Job storage job, Round storage round) private view returns (bool) {
        uint256 number = job.members[msg.sender].number;
        return number != 0 && number <= round.head.size;
    }

    /// §9
    function object(bytes32 job, uint256 round, bytes32 model, uint256[] calldata refused) external payable {
        require(_isArray(_offsetOf(refused), refused.length, 32, 4), WrongEncoding());
        Job storage known = _known(job);
        Round storage current = known.list[round];
        require(round < known.opened, WrongRound());
        require(_phaseOf(known, round) == Phase.Objecting, WrongPhase());
        require(known.entries == 0, WrongRole());
        require(_takesPart(known, current) || known.members[msg.sender].watcher, WrongRole());
        require(_differs(current, model, refused), WrongModel());
        _truncate(known, current);
        known.lead = _nextStanding(known, current.postedBy - 1);
        known.failures++;
        if (known.maskEntries != 0 && known.failures < known.attempts) _sendBack(known, current, round);
        _accept(job, _lock(known));
    }

    /// §12.8: set and reveals stay, and the step is made again.
    function _sendBack(Job storage job, Round storage round, uint256 number) private {
        round.posted = 0;
        round.postedBy = 0;
        job.running = uint32(number);
        _enter(job, round, Phase.Opening);
    }

    /// Whether an objection names another model than posted, or other refused participants.
    function _differs(Round storage round, bytes32 model, uint256[] calldata refused) private view returns (bool) {
        bool same = model == round.posted && refused.length == round.refused;
        for (uint256 i; i < refused.length; i++) {
            require((i == 0 || refused[i] > refused[i - 1]) && refused[i] < round.head.size, WrongSet());
            same = same && _contains(round.refusedSet, refused[i]);
        }
        return !same;
    }

    /// Locks the sender's bond of §9.1 and returns it.
    function _lock(Job storage job) private returns (uint256 bond) {
        uint256 objections = job.locked.length;
        bond = uint256(job.bond) << (objections < 32 ? objections : 32);
        OwnLock[] storage own = job.ownLocks[msg.sender];
        uint256 serial = own.length;
        uint256 total = bond + (serial == 0 ? 0 : own[serial - 1].total);
        job.locked.push(Lock(msg.sender, uint32(serial)));
        own.push(OwnLock(uint40(block.timestamp), uint216(total)));
    }
}
