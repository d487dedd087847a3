// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";

/// Module of Nonet: reading the state.
contract Views is State {
    struct JobView {
        address creator;
        uint32 rounds;
        uint16 minParticipants;
        uint16 maxParticipants;
        bool invited;
        uint32[8] phases;
        uint32 grace;
        uint32 attempts;
        uint40 expiry;
        uint8 aggregators;
        uint8 copies;
        uint32 maximumWeight;
        uint32 entries;
        uint32 headerLeaves;
        uint32 maskEntries;
        uint8 maskThreshold;
        uint16 ready;
        uint256 escrow;
        uint256 bond;
        bytes32 model;
        uint16 participants;
        uint32 opened;
        uint32 steps;
        uint32 finals;
        uint32 failures;
        uint8 lead;
        uint256 objections;
        uint256 spent;
        uint256 burnt;
        bool ended;
        bool refunded;
    }

    struct RoundView {
        Phase phase;
        uint40 deadline;
        uint32 step;
        uint16 size;
        bytes32 model;
        uint8 turn;
        bool awaitsAll;
        uint40 regularSince;
        uint16 outstanding;
        uint16 committed;
        uint48 weight;
        uint8 closedBy;
        uint8 postedBy;
        uint16 unavailable;
        uint16 refused;
        uint16 unanswered;
        uint40 answeredAt;
        bytes32 posted;
        bytes32 partials;
        Masking masking;
    }

    /// What a round holds of one participant.
    struct PartView {
        bytes28 blob;
        uint32 weight;
        bool unavailable;
        bool appealed;
        bool refused;
        Fault reason;
        uint32 entry;
        bool paid;
        Demand demand;
        bool registered;
        bool revealed;
        uint256 complaints;
    }

    /// The block of the deployment.
    function deployedIn() external view returns (uint256) {
        return _deployedIn;
    }

    /// The block in which the job was created; 0 for an unknown job.
    function createdIn(bytes32 job) external view returns (uint256) {
        return _jobs[job].createdIn;
    }

    function jobOf(bytes32 job) external view returns (JobView memory seen) {
        Job storage known = _known(job);
        seen.creator = known.creator;
        seen.rounds = known.rounds;
        seen.minParticipants = known.minParticipants;
        seen.maxParticipants = known.maxParticipants;
        seen.invited = known.invited;
        seen.phases = known.phases;
        seen.grace = known.grace;
        seen.attempts = known.attempts;
        seen.expiry = known.expiry;
        seen.aggregators = known.aggregators;
        seen.copies = known.copies;
        seen.maximumWeight = known.maximumWeight;
        seen.entries = known.entries;
        seen.headerLeaves = known.headerLeaves;
        seen.maskEntries = known.maskEntries;
        seen.maskThreshold = known.maskThreshold;
        seen.ready = known.ready;
        seen.escrow = known.escrow;
        seen.bond = known.bond;
        seen.model = known.model;
        seen.participants = known.participants;
        seen.opened = known.opened;
        seen.steps = known.steps;
        seen.finals = known.finals;
        seen.failures = known.failures;
        seen.lead = known.lead;
        seen.objections = known.locked.length;
        seen.spent = known.spent;
        for (uint256 set = known.struck; set != 0; set &= set - 1) seen.burnt += known.bond / 2;
        seen.ended = known.ended;
        seen.refunded = known.refunded;
    }

    function memberOf(bytes32 job, address account) external view returns (Member memory) {
        return _jobs[job].members[account];
    }

    /// The account of a participant; 0 where there is none.
    function accountOf(bytes32 job, uint256 participant) external view returns (address) {
        return _jobs[job].accounts[participant];
    }

    /// Of the aggregator with this index.
    function aggregatorOf(bytes32 job, uint256 index) external view returns (bool standing, bool struck) {
        Job storage known = _known(job);
        return (_isStanding(known, index), (known.struck >> index) & 1 == 1);
    }

    function roundOf(bytes32 job, uint256 round) external view returns (RoundView memory seen) {
        Job storage known = _known(job);
        Round storage current = known.list[round];
        Head memory head = current.head;
        seen.phase = _phaseOf(known, round);
        seen.deadline = head.deadline;
        seen.step = current.step;
        seen.size = head.size;
        seen.model = current.model;
        seen.turn = head.turn;
        seen.awaitsAll = head.awaitedFrom == 0;
        seen.regularSince = head.regularSince;
        seen.outstanding = head.outstanding;
        seen.committed = head.committed;
        seen.weight = head.weight;
        seen.closedBy = current.closedBy;
        seen.postedBy = current.postedBy;
        seen.unavailable = current.unavailable;
        seen.refused = current.refused;
        seen.unanswered = current.unanswered;
        seen.answeredAt = current.answeredAt;
        seen.posted = current.posted;
        seen.partials = current.partials;
        seen.masking = current.masking;
    }

    function participantOf(bytes32 job, uint256 round, uint256 participant)
        external
        view
        returns (PartView memory seen)
    {
        Round storage current = _jobs[job].list[round];
        uint256 commitment = current.commitments[participant];
        seen.blob = bytes28(bytes32(commitment));
        seen.weight = uint32(commitment);
        seen.unavailable = _contains(current.unavailableSet, participant);
        seen.appealed = _contains(current.appealedSet, participant);
        seen.refused = _contains(current.refusedSet, participant);
        if (seen.refused) (seen.reason, seen.entry) = _refusalOf(current, participant);
        seen.paid = _contains(current.paidSet, participant);
        seen.demand = current.demands[participant];
        seen.registered = _contains(current.registeredSet, participant);
        seen.revealed = _contains(current.revealedSet, participant);
        seen.complaints = current.complaintCounts[participant];
    }

    /// The bond of objection number `index`.
    function lockedOf(bytes32 job, uint256 index)
        external
        view
        returns (address by, uint40 time, uint256 amount, bool returned)
    {
        Job storage known = _known(job);
        Lock storage lock = known.locked[index];
        OwnLock[] storage own = known.ownLocks[lock.by];
        by = lock.by;
        time = own[lock.serial].time;
        amount = own[lock.serial].total - (lock.serial == 0 ? 0 : own[lock.serial - 1].total);
        returned = lock.serial < known.returned[by];
    }

    /// Wei that a prover has earned and not withdrawn.
    function rewardOf(bytes32 job, address account) external view returns (uint256) {
        return _jobs[job].rewards[account];
    }
}
