// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Receipts} from "./Receipts.sol";
import {Turns} from "./Turns.sol";

/// Module of Nonet: what participants do in rounds of masked updates (§12). What the blobs hold is
/// docs/specs/secagg.md; here is only who has posted them.
contract Masks is Turns, Receipts {
    /// §12.1
    function announce(bytes32 job, bytes32 mask, bytes32 seal) external payable {
        Job storage known = _known(job);
        require(known.maskEntries != 0, WrongRole());
        Member storage member = known.members[msg.sender];
        require(member.number != 0 && !member.left, WrongRole());
        require(mask != 0 && seal != 0, WrongCommitment());
        uint32 opened = known.opened;
        uint32 announced = member.announced;
        require(announced == 0 || announced != opened || !_isDue(known.list[opened - 1], member), TooEarly());
        if (announced != opened + 1) {
            // One for which a round waited in vain is not waited for by the next, nor is one that left
            // and came back.
            bool awaited = announced == 0 ? member.since == 0 : !member.awaited || member.attended == announced;
            known.ready++;
            if (awaited) known.readyAwaited++;
            member.announced = opened + 1;
            member.awaited = awaited;
        }
        _accept(job, 0);
    }

    /// Whether the running round, of which it is a candidate, waits for its registration or commitment.
    function _isDue(Round storage round, Member storage member) private view returns (bool) {
        Phase phase = round.head.phase;
        if (phase == Phase.Open) return true;
        return phase == Phase.Collecting && member.registered == member.announced && member.attended != member.announced;
    }

    /// §12.2
    function register(bytes32 job, uint256 round, bytes32 blob, Receipt[] calldata receipts) external payable {
        require(_isReceiptArray(receipts, 4), WrongEncoding());
        Round storage current = _running(job, round, Phase.Open);
        Job storage known = _jobs[job];
        Member storage member = known.members[msg.sender];
        // Only in jobs of masked updates, and of participants that have not left.
        require(member.announced == round + 1, WrongRole());
        require(member.registered != round + 1, Repeated());
        require(receipts.length == known.copies && _isReceiptSet(known, blob, receipts, 0), WrongReceipt());
        member.registered = uint32(round + 1);
        _toggle(current.registeredSet, member.number - 1);
        current.masking.registered++;
        if (member.awaited || current.head.awaitedFrom == 0) {
            current.masking.awaited++;
            current.head.outstanding--;
        }
        if (current.masking.registered >= _smallestSet(known, current) && current.head.outstanding == 0) {
            _fixMaskSet(known, current);
        }
        _accept(job, 0);
    }

    /// §12.4
    function complain(bytes32 job, uint256 round, uint256[] calldata accused) external payable {
        require(_isArray(_offsetOf(accused), accused.length, 32, 3), WrongEncoding());
        Job storage known = _known(job);
        require(round < known.opened, WrongRound());
        Round storage current = known.list[round];
        Phase phase = current.head.phase;
        require(phase >= Phase.Collecting && phase <= Phase.Stepping, WrongPhase());
        uint256 own = _memberOf(known, current);
        require(accused.length > 0, WrongSet());
        for (uint256 i; i < accused.length; i++) {
            require((i == 0 || accused[i] > accused[i - 1]) && accused[i] != own, WrongSet());
            require(_contains(current.registeredSet, accused[i]), WrongSet());
        }
        bool guilty;
        for (uint256 i; i < accused.length; i++) {
            mapping(uint256 => uint256) storage complaints = current.complaints[accused[i]];
            require(!_contains(complaints, own), Repeated());
            _toggle(complaints, own);
            if (2 * ++current.complaintCounts[accused[i]] <= current.masking.registered) continue;
            guilty = true;
            _bar(known, known.members[known.accounts[accused[i]]]);
        }
        if (guilty) current.head.phase = Phase.Void;
        _accept(job, 0);
    }

    /// The sender's number, which must be in the mask set. No other job has any.
    function _memberOf(Job storage job, Round storage round) private view returns (uint256) {
        uint256 number = job.members[msg.sender].number;
        require(number != 0 && _contains(round.registeredSet, number - 1), WrongRole());
        return number - 1;
    }

    /// As if it had left, for good.
    function _bar(Job storage job, Member storage member) private {
        if (member.announced == job.opened + 1) {
            job.ready--;
            if (member.awaited) job.readyAwaited--;
        }
        if (!member.left) job.left++;
        member.left = true;
        member.attended = 0;
        member.announced = 0;
        member.barred = true;
    }

    /// §12.5
    function reveal(bytes32 job, uint256 round, bytes32 blob, Receipt[] calldata receipts) external payable {
        require(_isReceiptArray(receipts, 4), WrongEncoding());
        Round storage current = _running(job, round, Phase.Opening);
        Job storage known = _jobs[job];
        uint256 own = _memberOf(known, current);
        require(!_contains(current.revealedSet, own), Repeated());
        require(receipts.length == known.copies && _isReceiptSet(known, blob, receipts, 0), WrongReceipt());
        _toggle(current.revealedSet, own);
        current.masking.reveals++;
        _accept(job, 0);
    }
}
