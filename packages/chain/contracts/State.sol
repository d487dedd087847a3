// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the ledger holds of jobs and rounds, the reasons to refuse a move, and one event per accepted move: what somebody needs to
/// rebuild the move and to follow the state without knowing the rules. Section numbers here and in the other contracts are those of
/// docs/specs/round.md. Nobody owns the contract; no function changes a job except by the rules.
abstract contract State {
    /// The order of the port's phases; None is a round that was not opened.
    enum Phase { None, Open, Collecting, Appealing, Complaining, Opening, Stepping, Final, Void }
    enum End { None, Objected, Withdrawn }

    /// What `create` takes. `phases` are the durations of Open .. Stepping in seconds.
    struct Terms {
        bytes32 job;
        bytes32 model;
        uint32 rounds;
        uint32 minimum;
        uint32 maximum;
        bool invited;
        uint32[6] phases;
        address[] aggregators;
        address[] watchers;
        address[] stores;
        uint256 escrow;
        uint256 bond;
    }

    /// One slot: what a commit must know of its sender. `number` counts from 1; 0 has not joined.
    struct Member {
        uint32 number;
        bool admitted;
        bool aggregator;
        bool watcher;
        bool store;
    }

    struct Round {
        // The header: one slot, so that a commit reads and writes it once.
        Phase phase;
        uint40 deadline;
        uint32 size;
        /// Participants from this number on are awaited in any case (§4.3).
        uint32 awaitedFrom;
        /// Awaited participants who have not committed.
        uint32 outstanding;
        uint32 committed;
        uint32 unavailable;
        uint32 refused;
        bool stepped;
        // Second slot. `earlierSteps` counts the steps of earlier rounds: what is left to become final after an objection (§7.2).
        address stepBy;
        uint32 earlierSteps;
        bytes32 model;
        bytes32 stepModel;
        mapping(uint256 participant => bytes32) commitments;
        // Sets of participants, 256 to a word.
        mapping(uint256 word => uint256) unavailableSet;
        mapping(uint256 word => uint256) refusedSet;
        mapping(uint256 word => uint256) paidSet;
    }

    struct Job {
        address creator;
        uint32 rounds;
        uint32 minimum;
        uint32 maximum;
        // Second slot.
        uint32 participants;
        uint32 opened;
        uint32 steps;
        uint32 finals;
        uint32 objectedRound;
        uint40 endedAt;
        uint40 createdIn;
        End end;
        bool invited;
        // Third slot.
        address objector;
        bool refunded;
        bool bondReturned;
        uint32[6] phases;
        /// The parameters that the next round starts from.
        bytes32 model;
        uint256 escrow;
        uint256 bond;
        /// Shares of all final rounds.
        uint256 spent;
        mapping(address account => Member) members;
        mapping(uint256 round => Round) rounds_;
    }

    mapping(bytes32 job => Job) internal _jobs;

    // The port's refusal codes.
    error JobUnknown();
    error JobExists();
    error JobEnded();
    error JobComplete();
    error WrongRole();
    error NotAdmitted();
    error Repeated();
    error CohortFull();
    error CohortTooSmall();
    error WrongRound();
    error WrongPhase();
    error TooEarly();
    error TooLate();
    error WrongModel();
    error WrongSet();
    error WrongReceipt();
    error NothingOwed();
    error ZeroCommitment();
    // What a correct client never causes.
    error InvalidTerms();
    error WrongEscrow();
    error WrongBond();
    error PaymentFailed();

    event Created(bytes32 indexed job, address creator, Terms terms);
    event Admitted(bytes32 indexed job, address by, address[] accounts);
    event Joined(bytes32 indexed job, address by, uint32 participant);
    event Opened(bytes32 indexed job, address by, uint256 round, bytes32 model, uint32 size, Phase phase, uint40 deadline);
    event Committed(bytes32 indexed job, address by, uint256 round, uint256 participant, bytes32 commitment);
    event Closed(bytes32 indexed job, address by, uint256 round, uint256[] unavailable, Phase phase, uint40 deadline);
    event Appealed(
        bytes32 indexed job,
        address by,
        uint256 round,
        uint256 participant,
        bytes32 blob,
        uint256 size,
        address store,
        bytes signature
    );
    event Stepped(bytes32 indexed job, address by, uint256 round, bytes32 model, uint256[] refused, uint40 deadline);
    event Objected(bytes32 indexed job, address by, uint256 round, bytes32 model, uint256[] refused);
    event Advanced(bytes32 indexed job, address by, uint256 round, Phase phase, uint40 deadline);
    event Withdrawn(
        bytes32 indexed job,
        address by,
        uint256[] rounds,
        uint256[] paid,
        uint256 participant,
        uint256 amount,
        bool refunded,
        bool bondReturned,
        bool ended
    );

    /// The job, which must exist.
    function _known(bytes32 job) internal view returns (Job storage known) {
        known = _jobs[job];
        require(known.creator != address(0), JobUnknown());
    }

    /// The job, which must exist and go on.
    function _going(bytes32 job) internal view returns (Job storage going) {
        going = _known(job);
        require(going.end == End.None, JobEnded());
    }

    /// The round's phase. An objection makes its round and all later ones void (§7.2) without touching them one by one: otherwise
    /// somebody could open so many rounds that no block has room for the objection.
    function _phaseOf(Job storage job, uint256 round) internal view returns (Phase) {
        if (job.end == End.Objected && round >= job.objectedRound) return Phase.Void;
        return job.rounds_[round].phase;
    }

    function _contains(mapping(uint256 => uint256) storage set, uint256 participant) internal view returns (bool) {
        return (set[participant >> 8] >> (participant & 255)) & 1 == 1;
    }

    function _toggle(mapping(uint256 => uint256) storage set, uint256 participant) internal {
        set[participant >> 8] ^= 1 << (participant & 255);
    }
}
