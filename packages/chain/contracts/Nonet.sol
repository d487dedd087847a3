// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Judgement} from "./Judgement.sol";
import {Masks} from "./Masks.sol";
import {Membership} from "./Membership.sol";
import {Proofs} from "./Proofs.sol";
import {Receipts} from "./Receipts.sol";
import {Turns} from "./Turns.sol";

/// Jobs, rounds, escrow and anchors of federated learning: the one address that holds the state. It
/// makes the moves of every round itself and delegates the others to modules that run in its storage.
/// Checks are made in the order of docs/specs/round.md, so that contract and reducer refuse a doubly
/// wrong move for the same reason.
///
/// Lists cost gas by the name: 3,300 for a participant named unavailable, 11,000 for one that is
/// refused. A transaction of 2^24 gas (EIP-7825) has room for some 5,000 and 1,500: a job that anybody
/// may join in larger numbers can be stopped by those who do.
contract Nonet is Turns, Receipts {
    struct Refused {
        uint256 participant;
        Fault reason;
        uint256 entry;
    }

    // The first bits of fields that a commitment reads or changes. Solidity would read and write the
    // slot once for each field, at 9,000 gas. The tests compare them with the compiler's layout.
    uint256 private constant SIZE = 48;
    uint256 private constant AWAITED_FROM = 64;
    uint256 private constant COMMITTED = 80;
    uint256 private constant ATTENDED = 96;
    uint256 private constant STEADY = 112;
    uint256 private constant OUTSTANDING = 128;
    uint256 private constant REGULAR = 144;
    uint256 private constant REGULAR_SINCE = 160;
    uint256 private constant WEIGHT = 200;
    // Of a member: its number is at 0; `attended` and `steady` have names of their own here.
    uint256 private constant LEFT = 48;
    uint256 private constant SINCE = 56;
    uint256 private constant ATTENDANCE = 88;
    uint256 private constant STEADINESS = 120;
    uint256 private constant MAXIMUM_WEIGHT = 128;
    uint256 private constant ANNOUNCED = 160;
    uint256 private constant REGISTERED = 192;
    uint256 private constant AWAITED = 224;
    uint256 private constant MASKED = 240;

    constructor(address membership, address judgement, address masks, address proofs, address views) {
        _modules = Modules(membership, judgement, masks, proofs, views);
        _deployedIn = block.number;
    }

    /// Where the modules are. Here, because who asks has checked no other code yet.
    function modules() external view returns (Modules memory) {
        return _modules;
    }

    /// §3
    function open(bytes32 job, uint256 round, bytes32 model) external payable {
        Job storage going = _going(job);
        require(msg.sender == going.creator || _stands(going, msg.sender), WrongRole());
        uint256 opened = going.opened;
        require(round == opened, WrongRound());
        require(going.steps < going.rounds, JobComplete());
        require(opened == 0 || _isSettled(going.list[going.running]), WrongPhase());
        require(going.standing != 0, NoAggregator());
        uint16 present = going.participants - going.left;
        bool masked = going.maskEntries != 0;
        uint16 candidates = masked ? going.ready : present;
        require(candidates >= going.minParticipants, CohortTooSmall());
        require(model == going.model, WrongModel());
        Round storage current = going.list[round];
        current.step = going.steps;
        current.model = model;
        current.head = masked ? _awaitCandidates(going, current, opened) : _await(going, opened, present);
        going.opened = uint32(opened + 1);
        going.running = uint32(round);
        going.leftNewcomers = 0;
        if (!_isStanding(going, going.lead)) going.lead = _nextStanding(going, going.lead);
        _enter(going, current, Phase.Open);
        _accept(job, 0);
    }

    /// §4.2 in constant time: the previous round is settled, so nobody commits in it any more, and
    /// `leave` keeps its counters right.
    function _await(Job storage job, uint256 opened, uint16 present) private view returns (Head memory head) {
        head.size = job.participants;
        // A round that became void before it was closed does not tell who is away.
        if (opened > 0 && job.list[opened - 1].closedBy != 0) {
            Head storage previous = job.list[opened - 1].head;
            uint16 newcomers = job.participants - previous.size - job.leftNewcomers;
            if (previous.attended + newcomers > 0) {
                head.awaitedFrom = previous.size;
                head.outstanding = previous.attended + newcomers;
                head.regular = previous.steady + newcomers;
                return head;
            }
        }
        head.outstanding = present;
        head.regular = present;
    }

    /// §12.1: the candidates, and how many shares recover a secret.
    function _awaitCandidates(Job storage job, Round storage round, uint256 opened) private returns (Head memory head) {
        uint16 ready = job.ready;
        unchecked {
            round.masking.threshold = uint16(uint256(ready) * job.maskThreshold / 100 + 1);
        }
        head.size = job.participants;
        head.outstanding = job.readyAwaited;
        head.awaitedFrom = type(uint16).max;
        if (head.outstanding == 0 || (opened > 0 && job.list[opened - 1].closedBy == 0)) {
            head.outstanding = ready;
            head.awaitedFrom = 0;
        }
        job.ready = 0;
        job.readyAwaited = 0;
    }

    /// §4.1, at most 60,000 gas: it reads and writes the round's head, the sender and a new slot, each
    /// once and nothing else. Fields change by sums of their lanes; the counters of `_await` and
    /// `leaveJob` keep each lane within its bits.
    function commit(bytes32 job, uint256 round, bytes32 blob, uint256 weight) external payable {
        Job storage known = _jobs[job];
        Round storage current = known.list[round];
        Member storage sender = known.members[msg.sender];
        (uint256 head, uint256 member) = _load(current.head, sender);
        if (uint8(head) != uint8(Phase.Collecting)) _running(job, round, Phase.Collecting);
        uint256 number = uint16(member);
        require(number != 0 && number <= uint16(head >> SIZE) && uint8(member >> LEFT) == 0, WrongRole());
        unchecked {
            uint256 participant = number - 1;
            bool masked = member >> MASKED != 0;
            require(!masked || uint32(member >> REGISTERED) == round + 1, WrongRole());
            require(current.commitments[participant] == 0, Repeated());
            require(blob != 0 && weight != 0 && weight <= uint32(member >> MAXIMUM_WEIGHT), WrongCommitment());
            current.commitments[participant] = (uint256(blob) >> 32 << 32) | weight;
            head += (1 << COMMITTED) + (weight << WEIGHT);
            if (masked) {
                bool waits = uint8(member >> AWAITED) != 0 || uint16(head >> AWAITED_FROM) == 0;
                if (uint32(member >> ANNOUNCED) == round + 1 && waits) head -= 1 << OUTSTANDING;
                member += (round + 1 - uint32(member >> ATTENDANCE)) << ATTENDANCE;
                assembly {
                    sstore(sender.slot, member)
                }
            } else if (uint32(member >> SINCE) <= round) {
                bool isNew = participant >= uint16(head >> AWAITED_FROM);
                uint256 attended = uint32(member >> ATTENDANCE);
                head += 1 << ATTENDED;
                member += (round + 1 - attended) << ATTENDANCE;
                if (isNew || attended == round) {
                    head += (1 << STEADY) - (1 << OUTSTANDING);
                    if (isNew || uint8(member >> STEADINESS) != 0) head -= 1 << REGULAR;
                    if (uint16(head >> REGULAR) == 0 && uint40(head >> REGULAR_SINCE) == 0) {
                        head += block.timestamp << REGULAR_SINCE;
                    }
                    member |= 1 << STEADINESS;
                } else {
                    member &= ~(uint256(1) << STEADINESS);
                }
                assembly {
                    sstore(sender.slot, member)
                }
            }
        }
        assembly {
            sstore(current.slot, head)
        }
        _accept(job, 0);
    }

    function _load(Head storage head, Member storage member) private view returns (uint256 first, uint256 second) {
        assembly {
            first := sload(head.slot)
            second := sload(member.slot)
        }
    }

    /// §5.1. `committed` is how many commitments the sender has seen.
    function close(bytes32 job, uint256 round, uint256 committed, uint256[] calldata unavailable) external payable {
        require(_isArray(_offsetOf(unavailable), unavailable.length, 32, 4), WrongEncoding());
        Job storage known = _jobs[job];
        Round storage current = known.list[round];
        bool collecting = current.head.phase == Phase.Collecting;
        if (!collecting) _running(job, round, Phase.Closing);
        require(_isLead(known), WrongRole());
        if (collecting) {
            require(block.timestamp > current.head.deadline || _isCollected(known, current), TooEarly());
        }
        require(committed == current.head.committed, WrongSet());
        uint48 weight;
        for (uint256 i; i < unavailable.length; i++) {
            uint256 participant = unavailable[i];
            require(i == 0 || participant > unavailable[i - 1], WrongSet());
            uint256 commitment = current.commitments[participant];
            require(commitment != 0, WrongSet());
            weight += _weightOf(commitment);
            _toggle(current.unavailableSet, participant);
        }
        current.head.weight -= weight;
        current.unavailable = uint16(unavailable.length);
        current.closedBy = known.lead + 1;
        if (unavailable.length > 0 && known.phases[uint256(Phase.Appealing) - 1] > 0) {
            _enter(known, current, Phase.Appealing);
        } else {
            _fixInclusionSet(known, current);
        }
        _accept(job, 0);
    }

    /// §1.9: calls of the sender in their order, each as if it came alone; all of them or none. They
    /// would all see the same money, so none comes with them.
    function multicall(bytes[] calldata calls) external payable {
        require(msg.value == 0, WrongValue());
        for (uint256 i; i < calls.length; i++) {
            (bool done, bytes memory reason) = address(this).delegatecall(calls[i]);
            if (done) continue;
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// §4.3
    function _isCollected(Job storage job, Round storage round) private view returns (bool) {
        Head storage head = round.head;
        if (head.committed < _smallestSet(job, round)) return false;
        if (head.regularSince != 0 && block.timestamp > uint256(head.regularSince) + job.grace) return true;
        return head.outstanding == 0;
    }

    /// Whether the sender is the lead.
    function _isLead(Job storage job) private view returns (bool) {
        return job.members[msg.sender].aggregator == job.lead + 1 && _isStanding(job, job.lead);
    }

    /// §6. `partials` is 0 where there are none.
    function step(
        bytes32 job,
        uint256 round,
        bytes32 model,
        bytes32 partials,
        Refused[] calldata refused,
        Receipt[] calldata receipts
    ) external payable {
        {
            uint256 end = _offsetOf(refused) + refused.length * 96;
            require(_offsetOf(refused) == 4 + 7 * 32 && _offsetOf(receipts) == end + 32, WrongEncoding());
            require(msg.data.length == end + 32 + receipts.length * RECEIPT_BYTES, WrongEncoding());
        }
        Job storage known = _jobs[job];
        Round storage current = known.list[round];
        if (current.head.phase != Phase.Opening || known.maskEntries == 0) _running(job, round, Phase.Stepping);
        require(_isLead(known), WrongRole());
        require(_canBeUnmasked(current), TooEarly());
        _refuse(known, current, refused);
        require(_included(current) - refused.length >= known.minParticipants, CohortTooSmall());
        bool grouped = known.entries != 0 && current.head.size > GROUP;
        require(grouped == (partials != 0), WrongModel());
        require(receipts.length == (grouped ? 2 : 1) * uint256(known.copies), WrongReceipt());
        require(_isReceiptSet(known, model, receipts, 0), WrongReceipt());
        require(!grouped || _isReceiptSet(known, partials, receipts, known.copies), WrongReceipt());
        current.posted = model;
        if (grouped) current.partials = partials;
        current.postedBy = known.lead + 1;
        known.chain[current.step] = round;
        known.steps = current.step + 1;
        known.model = model;
        _enter(known, current, Phase.Objecting);
        _accept(job, 0);
    }

    /// Whether as many have revealed their shares as recover a secret; true of clear updates.
    function _canBeUnmasked(Round storage round) private view returns (bool) {
        return round.masking.reveals >= round.masking.threshold;
    }

    /// Notes who is refused, with the reason for a proof to look up.
    function _refuse(Job storage job, Round storage round, Refused[] calldata refused) private {
        uint256 entries = job.entries == 0 ? 2 ** 32 : job.entries;
        uint48 weight;
        for (uint256 i; i < refused.length; i++) {
            (uint256 participant, Fault reason, uint256 entry) =
                (refused[i].participant, refused[i].reason, refused[i].entry);
            require(i == 0 || participant > refused[i - 1].participant, WrongSet());
            // Whether a masked update is right does not show (§12.6).
            require(_isIncluded(round, participant) && job.maskEntries == 0, WrongSet());
            require(reason == Fault.OutOfRange ? entry < entries : entry == 0, WrongSet());
            weight += _weightOf(round.commitments[participant]);
            _toggle(round.refusedSet, participant);
            round.refusals.push(uint64((participant << 40) | (uint256(reason) << 32) | entry));
        }
        round.head.weight -= weight;
        round.refused = uint16(refused.length);
    }

    /// §10
    function advance(bytes32 job, uint256 round) external payable {
        Job storage known = _known(job);
        require(round < known.opened, WrongRound());
        Phase phase = _phaseOf(known, round);
        require(phase < Phase.Final, WrongPhase());
        Round storage current = known.list[round];
        require(block.timestamp > _endOfPhase(known, current, phase), TooEarly());
        if (phase == Phase.Open && known.maskEntries != 0) _fixMaskSet(known, current);
        else if (phase == Phase.Opening && !_canBeUnmasked(current)) _fail(known, current);
        else if (phase == Phase.Closing) _passTurn(known, current);
        else if (phase == Phase.Stepping) _passStep(known, current);
        else if (phase == Phase.Appealing) _fixInclusionSet(known, current);
        else if (phase == Phase.Objecting) _finish(known, current);
        else _enter(known, current, Phase(uint256(phase) + 1));
        _accept(job, 0);
    }

    /// §7.5: what an answer has shown is looked at for as long as the phase lasts.
    function _endOfPhase(Job storage job, Round storage round, Phase phase) private view returns (uint256 end) {
        end = round.head.deadline;
        uint256 answeredAt = round.answeredAt;
        if (answeredAt == 0 || phase < Phase.Stepping) return end;
        uint256 later = answeredAt + job.phases[uint256(phase) - 1];
        if (later > end) return later;
    }

    /// §7.4: not while what a lead could not read may still turn out to be in no store.
    function _passStep(Job storage job, Round storage round) private {
        require(round.unanswered == 0, WrongPhase());
        _passTurn(job, round);
    }

    /// Every earlier round is over when as many steps are final as this round had before it.
    function _finish(Job storage job, Round storage round) private {
        require(round.step == job.finals && round.unanswered == 0, WrongPhase());
        round.head.phase = Phase.Final;
        job.finals++;
        job.failures = 0;
        uint256 accepted = _included(round) - round.refused;
        job.spent += uint96(_share(job, accepted) * accepted);
    }

    /// Nothing takes money without a call.
    receive() external payable {
        revert WrongEncoding();
    }

    /// Any other call is a module's.
    fallback() external payable {
        address module = _moduleOf(msg.sig);
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let done := delegatecall(gas(), module, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            switch done
            case 0 { revert(free, returndatasize()) }
            default { return(free, returndatasize()) }
        }
    }

    function _moduleOf(bytes4 selector) private view returns (address) {
        if (
            selector == Membership.create.selector || selector == Membership.stake.selector
                || selector == Membership.admit.selector || selector == Membership.join.selector
                || selector == Membership.leaveJob.selector || selector == Membership.end.selector
                || selector == Membership.withdraw.selector || selector == Membership.anchor.selector
        ) return _modules.membership;
        if (
            selector == Judgement.appeal.selector || selector == Judgement.demand.selector
                || selector == Judgement.answer.selector || selector == Judgement.object.selector
        ) return _modules.judgement;
        if (
            selector == Masks.announce.selector || selector == Masks.register.selector
                || selector == Masks.complain.selector || selector == Masks.reveal.selector
        ) return _modules.masks;
        if (
            selector == Proofs.proveHeader.selector || selector == Proofs.proveAverage.selector
                || selector == Proofs.proveGroup.selector || selector == Proofs.proveAccepted.selector
                || selector == Proofs.proveRefused.selector || selector == Proofs.proveSilence.selector
        ) return _modules.proofs;
        return _modules.views;
    }

    function _offsetOf(Refused[] calldata list) private pure returns (uint256 offset) {
        assembly {
            offset := list.offset
        }
    }
}
