// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";

/// The moves of a round (§3 to §8), tested move by move against `reduceRound` in packages/federation/src/round.ts. Checks stand in the
/// order of the specification, so that both refuse a doubly wrong move for the same reason.
///
/// A list of unavailable or refused participants costs about 2,500 gas per name, so a transaction has room for some 6,000 of them.
abstract contract Rounds is State {
    struct RoundView {
        Phase phase;
        uint40 deadline;
        uint32 size;
        bytes32 model;
        uint32 committed;
        uint32 outstanding;
        uint32 unavailable;
        uint32 refused;
        bool stepped;
        bytes32 stepModel;
        address stepBy;
    }

    bytes32 private constant DOMAIN =
        keccak256(abi.encode(keccak256("EIP712Domain(string name,string version)"), keccak256("Nonet"), keccak256("1")));
    bytes32 private constant RECEIPT = keccak256("StoreReceipt(bytes32 blob,uint256 size)");
    /// Half the order of secp256k1: of the two signatures (s, v) and (-s, v') only the lower counts (EIP-2).
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// §3
    function open(bytes32 job, uint256 round, bytes32 model) external {
        Job storage going = _going(job);
        require(msg.sender == going.creator || going.members[msg.sender].aggregator, WrongRole());
        uint32 opened = going.opened;
        require(round == opened, WrongRound());
        require(going.steps < going.rounds, JobComplete());
        require(opened == 0 || _isSettled(going.rounds_[opened - 1]), WrongPhase());
        uint32 size = going.participants;
        require(size >= going.minimum, CohortTooSmall());
        require(model == going.model, WrongModel());
        going.opened = opened + 1;
        Round storage current = going.rounds_[round];
        current.size = size;
        current.model = model;
        // §4.3 in constant time: the previous round is settled, so its commitments do not change any more.
        uint32 since = opened == 0 || going.rounds_[opened - 1].committed == 0 ? 0 : going.rounds_[opened - 1].size;
        current.awaitedFrom = since;
        current.outstanding = size - since + (since == 0 ? 0 : going.rounds_[opened - 1].committed);
        _enter(going, current, Phase.Open);
        emit Opened(job, msg.sender, round, model, size, current.phase, current.deadline);
    }

    /// §4.1. Touches four slots besides the sender's new one; 60,000 gas are the budget.
    function commit(bytes32 job, uint256 round, bytes32 commitment) external {
        Round storage current = _running(job, round, Phase.Collecting);
        uint256 number = _jobs[job].members[msg.sender].number;
        require(number != 0 && number <= current.size, WrongRole());
        require(block.timestamp <= current.deadline, TooLate());
        uint256 participant = number - 1;
        require(current.commitments[participant] == 0, Repeated());
        require(commitment != 0, ZeroCommitment());
        current.commitments[participant] = commitment;
        current.committed++;
        if (participant >= current.awaitedFrom || _jobs[job].rounds_[round - 1].commitments[participant] != 0) {
            current.outstanding--;
        }
        emit Committed(job, msg.sender, round, participant, commitment);
    }

    /// §4.2
    function close(bytes32 job, uint256 round, uint256[] calldata unavailable) external {
        Round storage current = _running(job, round, Phase.Collecting);
        Job storage going = _jobs[job];
        require(going.members[msg.sender].aggregator, WrongRole());
        require(block.timestamp > current.deadline || current.outstanding == 0, TooEarly());
        for (uint256 i; i < unavailable.length; i++) {
            require(i == 0 || unavailable[i] > unavailable[i - 1], WrongSet());
            require(current.commitments[unavailable[i]] != 0, WrongSet());
            _toggle(current.unavailableSet, unavailable[i]);
        }
        current.unavailable = uint32(unavailable.length);
        _endCollecting(going, current);
        emit Closed(job, msg.sender, round, unavailable, current.phase, current.deadline);
    }

    /// §5.1
    function appeal(
        bytes32 job,
        uint256 round,
        bytes32 blob,
        uint256 size,
        address store,
        bytes calldata signature
    ) external {
        Round storage current = _running(job, round, Phase.Appealing);
        Job storage going = _jobs[job];
        uint256 number = going.members[msg.sender].number;
        require(number != 0 && _contains(current.unavailableSet, number - 1), WrongRole());
        require(block.timestamp <= current.deadline, TooLate());
        require(blob == current.commitments[number - 1], WrongReceipt());
        require(going.members[store].store && _isReceipt(blob, size, store, signature), WrongReceipt());
        _toggle(current.unavailableSet, number - 1);
        current.unavailable--;
        emit Appealed(job, msg.sender, round, number - 1, blob, size, store, signature);
    }

    /// §6
    function step(bytes32 job, uint256 round, bytes32 model, uint256[] calldata refused) external {
        Round storage current = _running(job, round, Phase.Stepping);
        Job storage going = _jobs[job];
        require(going.members[msg.sender].aggregator, WrongRole());
        require(!current.stepped, Repeated());
        require(block.timestamp <= current.deadline, TooLate());
        for (uint256 i; i < refused.length; i++) {
            require(i == 0 || refused[i] > refused[i - 1], WrongSet());
            require(current.commitments[refused[i]] != 0, WrongSet());
            require(!_contains(current.unavailableSet, refused[i]), WrongSet());
            _toggle(current.refusedSet, refused[i]);
        }
        require(_included(current) - refused.length >= going.minimum, CohortTooSmall());
        current.refused = uint32(refused.length);
        current.stepped = true;
        current.stepModel = model;
        current.stepBy = msg.sender;
        current.earlierSteps = going.steps;
        current.deadline = _after(going.phases[uint256(Phase.Stepping) - 1]);
        going.steps++;
        going.model = model;
        emit Stepped(job, msg.sender, round, model, refused, current.deadline);
    }

    /// §7. Reads a set only while the objection looks like the posted step.
    function object(bytes32 job, uint256 round, bytes32 model, uint256[] calldata refused) external payable {
        Round storage current = _running(job, round, Phase.Stepping);
        Job storage going = _jobs[job];
        Member storage member = going.members[msg.sender];
        require((member.number != 0 && member.number <= current.size) || member.watcher, WrongRole());
        require(current.stepped, TooEarly());
        require(block.timestamp <= current.deadline, TooLate());
        bool same = model == current.stepModel && refused.length == current.refused;
        for (uint256 i; i < refused.length; i++) {
            require((i == 0 || refused[i] > refused[i - 1]) && refused[i] < current.size, WrongSet());
            same = same && _contains(current.refusedSet, refused[i]);
        }
        require(!same, WrongModel());
        require(msg.value == going.bond, WrongBond());
        going.end = End.Objected;
        going.objectedRound = uint32(round);
        going.objector = msg.sender;
        going.endedAt = uint40(block.timestamp);
        going.steps = current.earlierSteps;
        // Only the last round can be unsettled; voided here, no round of an ended job is in a phase before stepping (see _running).
        Round storage last = going.rounds_[going.opened - 1];
        if (!last.stepped) last.phase = Phase.Void;
        emit Objected(job, msg.sender, round, model, refused);
    }

    /// §8
    function advance(bytes32 job, uint256 round) external {
        Job storage known = _known(job);
        require(round < known.opened, WrongRound());
        Phase phase = _phaseOf(known, round);
        require(phase != Phase.Final && phase != Phase.Void, WrongPhase());
        Round storage current = known.rounds_[round];
        require(block.timestamp > current.deadline, TooEarly());
        if (phase == Phase.Open) _enter(known, current, Phase.Collecting);
        else if (phase == Phase.Collecting) _endCollecting(known, current);
        else if (phase == Phase.Appealing) _fixInclusionSet(known, current);
        else if (phase == Phase.Complaining) _enter(known, current, Phase.Opening);
        else if (phase == Phase.Opening) _enter(known, current, Phase.Stepping);
        else if (!current.stepped) current.phase = Phase.Void;
        else {
            current.phase = Phase.Final;
            known.finals++;
            uint256 accepted = _accepted(current);
            known.spent += _share(known, accepted) * accepted;
        }
        emit Advanced(job, msg.sender, round, current.phase, current.deadline);
    }

    function roundOf(bytes32 job, uint256 round) external view returns (RoundView memory) {
        Job storage known = _known(job);
        Round storage current = known.rounds_[round];
        return RoundView({
            phase: _phaseOf(known, round),
            deadline: current.deadline,
            size: current.size,
            model: current.model,
            committed: current.committed,
            outstanding: current.outstanding,
            unavailable: current.unavailable,
            refused: current.refused,
            stepped: current.stepped,
            stepModel: current.stepModel,
            stepBy: current.stepBy
        });
    }

    /// What a round holds of one participant.
    function participantOf(bytes32 job, uint256 round, uint256 participant)
        external
        view
        returns (bytes32 commitment, bool unavailable, bool refused, bool paid)
    {
        Round storage current = _jobs[job].rounds_[round];
        commitment = current.commitments[participant];
        unavailable = _contains(current.unavailableSet, participant);
        refused = _contains(current.refusedSet, participant);
        paid = _contains(current.paidSet, participant);
    }

    /// §1.4. A commit saves the job's slots: before stepping, the phase alone says that the job goes on, because a job ends when all its
    /// rounds are over (§9.3) or by an objection, which voids the one round that may be before stepping.
    function _running(bytes32 job, uint256 round, Phase phase) private view returns (Round storage current) {
        current = _jobs[job].rounds_[round];
        if (phase == Phase.Stepping || current.phase != phase) {
            Job storage going = _going(job);
            require(round < going.opened, WrongRound());
            require(current.phase == phase, WrongPhase());
        }
    }

    /// §1.3: enters `phase`, or the first after it whose duration is not 0; collecting, appealing and stepping are never skipped here.
    function _enter(Job storage job, Round storage round, Phase phase) private {
        uint32 duration = job.phases[uint256(phase) - 1];
        if (duration == 0) {
            if (phase == Phase.Open) return _enter(job, round, Phase.Collecting);
            if (phase == Phase.Complaining) return _enter(job, round, Phase.Opening);
            if (phase == Phase.Opening) return _enter(job, round, Phase.Stepping);
        }
        round.phase = phase;
        round.deadline = _after(duration);
    }

    /// §4.4
    function _endCollecting(Job storage job, Round storage round) private {
        if (round.unavailable > 0 && job.phases[uint256(Phase.Appealing) - 1] > 0) _enter(job, round, Phase.Appealing);
        else _fixInclusionSet(job, round);
    }

    /// §5.2
    function _fixInclusionSet(Job storage job, Round storage round) private {
        if (_included(round) < job.minimum) round.phase = Phase.Void;
        else _enter(job, round, Phase.Complaining);
    }

    function _isSettled(Round storage round) internal view returns (bool) {
        return round.stepped || round.phase == Phase.Void;
    }

    function _included(Round storage round) private view returns (uint256) {
        return round.committed - round.unavailable;
    }

    function _accepted(Round storage round) internal view returns (uint256) {
        return _included(round) - round.refused;
    }

    /// §9.1: the share of one of `accepted` participants.
    function _share(Job storage job, uint256 accepted) internal view returns (uint256) {
        return job.escrow / job.rounds / accepted;
    }

    function _after(uint32 duration) private view returns (uint40) {
        return uint40(block.timestamp + duration);
    }

    function _isReceipt(bytes32 blob, uint256 size, address store, bytes calldata signature) private pure returns (bool) {
        // Followers keep sizes as doubles, which are exact up to here.
        if (size >= 2 ** 53) return false;
        if (signature.length != 65 || uint256(bytes32(signature[32:64])) > HALF_ORDER) return false;
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", DOMAIN, keccak256(abi.encode(RECEIPT, blob, size))));
        address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer != address(0) && signer == store;
    }
}
