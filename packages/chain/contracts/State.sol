// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the ledger holds of jobs and rounds, the reasons to refuse a move, and its events. Section
/// numbers here and in the other contracts are those of docs/specs/round.md.
///
/// The storage is Nonet's; the modules run in it by delegatecall and declare none of their own. No
/// account owns a contract, none can be replaced, and no function changes a job but by the rules.
abstract contract State {
    /// The order of the port's phases. `None` is a round that was not opened.
    enum Phase {
        None,
        Open,
        Collecting,
        Closing,
        Appealing,
        Complaining,
        Opening,
        Stepping,
        Objecting,
        Final,
        Void
    }

    /// The order of the port's reasons (docs/specs/update.md §2).
    enum Fault {
        WrongLength,
        Malformed,
        WrongJob,
        WrongStep,
        WrongParticipant,
        WrongModel,
        WrongSigner,
        OutOfRange
    }

    /// §1.1. `phases` are the durations of Open .. Objecting in seconds. A job without a rule has 0
    /// entries and 0 header leaves.
    struct Terms {
        bytes32 record;
        bytes32 model;
        uint32 rounds;
        uint16 minParticipants;
        uint16 maxParticipants;
        bool invited;
        uint32[8] phases;
        uint32 grace;
        uint32 attempts;
        uint40 expiry;
        address[] aggregators;
        address[] watchers;
        address[] stores;
        uint8 copies;
        uint32 maximumWeight;
        uint32 entries;
        uint32 headerLeaves;
        /// Integers in a masked message, and the threshold in percent; 0 where updates are clear.
        uint32 maskEntries;
        uint8 maskThreshold;
        uint96 escrow;
        uint96 bond;
    }

    /// One account in one job, in one slot: a commitment reads and writes it once.
    struct Member {
        /// The participant's number and 1; 0 for an account that has not joined.
        uint16 number;
        /// The index in the list of aggregators and 1; 0 for an account that is not listed.
        uint8 aggregator;
        bool watcher;
        bool store;
        bool admitted;
        bool left;
        /// The first round in which its commitment counts as attendance (§4.2).
        uint32 since;
        /// The round of its last commitment that counts, and 1; 0 if there is none.
        uint32 attended;
        /// Whether that round waited for it.
        bool steady;
        /// The job's, here for a commitment to find.
        uint32 maximumWeight;
        // Where updates are masked (§12).
        /// The round for which it announced keys last, and 1; 0 for none.
        uint32 announced;
        /// The round of its last registration, and 1; 0 for none.
        uint32 registered;
        /// Whether the round for which it announced keys waits for it.
        bool awaited;
        bool barred;
        /// The job's, here for a commitment to find.
        bool masked;
    }

    /// What a commitment changes of a round, in one slot.
    struct Head {
        Phase phase;
        uint40 deadline;
        uint16 size;
        /// Participants from this number on are awaited in any case; 0 where all are (§4.2).
        uint16 awaitedFrom;
        uint16 committed;
        /// Of those who committed: whose commitment counts as attendance, and has not left since.
        uint16 attended;
        /// Of these: for whom the round waited.
        uint16 steady;
        /// Awaited participants that have not committed, and the regular ones among them.
        uint16 outstanding;
        uint16 regular;
        /// When no regular participant was outstanding any more; 0 before.
        uint40 regularSince;
        /// Of all who committed and are neither unavailable nor refused.
        uint48 weight;
        uint8 turn;
    }

    struct Demand {
        address by;
        uint40 deadline;
        bool answered;
    }

    /// What a round of masked updates has besides, in one slot.
    struct Masking {
        /// So many shares recover a secret.
        uint16 threshold;
        /// Members of the mask set, and those of them for whom the round waits.
        uint16 registered;
        uint16 awaited;
        uint16 reveals;
    }

    struct Round {
        Head head;
        // Second slot.
        uint32 step;
        /// Indices in the list of aggregators and 1; 0 before.
        uint8 closedBy;
        uint8 postedBy;
        uint16 unavailable;
        uint16 refused;
        /// Demands without an answer.
        uint16 unanswered;
        /// When a demand was answered last; 0 before.
        uint40 answeredAt;
        /// The model that the round starts from, the posted one, and the posted partial sums.
        bytes32 model;
        bytes32 posted;
        bytes32 partials;
        /// The first 224 bits of a message's address, then its weight.
        mapping(uint256 participant => uint256) commitments;
        // Sets of participants, 256 to a word.
        mapping(uint256 word => uint256) unavailableSet;
        mapping(uint256 word => uint256) appealedSet;
        mapping(uint256 word => uint256) refusedSet;
        mapping(uint256 word => uint256) paidSet;
        /// Ascending: participant << 40 | reason << 32 | entry.
        uint64[] refusals;
        mapping(uint256 participant => Demand) demands;
        Masking masking;
        // Of rounds of masked updates: the mask set, and who of it has revealed shares.
        mapping(uint256 word => uint256) registeredSet;
        mapping(uint256 word => uint256) revealedSet;
        /// Who has complained about a member of the mask set, and how many.
        mapping(uint256 accused => mapping(uint256 word => uint256)) complaints;
        mapping(uint256 accused => uint256) complaintCounts;
    }

    /// An objector's bond (§9.1): the `serial`-th of this account.
    struct Lock {
        address by;
        uint32 serial;
    }

    /// The same bond among those of its account: `total` is the sum up to it.
    struct OwnLock {
        uint40 time;
        uint216 total;
    }

    struct Job {
        address creator;
        uint32 rounds;
        uint16 minParticipants;
        uint16 maxParticipants;
        bool invited;
        bool ended;
        bool refunded;
        uint8 aggregators;
        // Second slot: what changes with rounds and membership.
        uint16 participants;
        /// Of the participants: who left, and which of these joined since the last round opened.
        uint16 left;
        uint16 leftNewcomers;
        uint32 opened;
        /// Rounds that have posted and are not void, and those of them that are final.
        uint32 steps;
        uint32 finals;
        /// Void rounds since the last final one, without those that a proof made void.
        uint32 failures;
        uint8 lead;
        uint8 copies;
        uint40 createdIn;
        /// Candidates of the next round of masked updates, and those of them for whom it will wait.
        uint16 ready;
        // Third slot. Sets of aggregators by index.
        uint64 standing;
        uint64 struck;
        uint32 attempts;
        uint32 grace;
        uint40 expiry;
        uint16 readyAwaited;
        uint8 maskThreshold;
        // Fourth slot: the durations of Open .. Objecting.
        uint32[8] phases;
        // Fifth slot.
        uint96 escrow;
        uint96 bond;
        uint32 maximumWeight;
        /// 0 where updates are clear.
        uint32 maskEntries;
        // Sixth slot. `spent` are the shares of all final rounds.
        uint96 spent;
        uint32 entries;
        uint32 headerLeaves;
        /// The round that was opened, or sent back to be stepped again, last: no other can be before
        /// objecting.
        uint32 running;
        /// The model that the next round starts from.
        bytes32 model;
        mapping(address account => Member) members;
        mapping(uint256 participant => address) accounts;
        mapping(uint256 number => Round) list;
        /// Which round made a step that was not made void.
        mapping(uint256 step => uint256) chain;
        mapping(address account => uint256) rewards;
        Lock[] locked;
        mapping(address account => OwnLock[]) ownLocks;
        /// How many of its bonds an account has taken back: the oldest.
        mapping(address account => uint256) returned;
    }

    /// Where the modules are. Storage, not immutable: so all deployments have the same code, and a
    /// client knows it by its hash. In a module's own storage they are 0.
    struct Modules {
        address membership;
        address judgement;
        address masks;
        address proofs;
        address views;
    }

    Modules internal _modules;
    /// The block of the deployment: where a search for events begins.
    uint256 internal _deployedIn;
    mapping(bytes32 job => Job) internal _jobs;

    /// Participants of a group of partial sums (docs/specs/update.md §4.4).
    uint256 internal constant GROUP = 128;

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
    error NoAggregator();
    error WrongRound();
    error WrongPhase();
    error TooEarly();
    error TooLate();
    error WrongModel();
    error WrongSet();
    error WrongCommitment();
    error WrongReceipt();
    error WrongProof();
    error NothingOwed();
    error WrongValue();
    // What a correct client never causes.
    error WrongTerms();
    error WrongEncoding();
    error PaymentFailed();

    event Created(bytes32 indexed job, address creator, Terms terms);
    /// An accepted move: `call` is the calldata. The state is what the rules make of all moves.
    event Moved(bytes32 indexed job, address by, bytes call);
    event Anchored(bytes32 indexed job, bytes32 indexed root, address indexed by);

    /// The last check of every move, and the event: `value` is what the move has to bring.
    function _accept(bytes32 job, uint256 value) internal {
        require(msg.value == value, WrongValue());
        emit Moved(job, msg.sender, msg.data);
    }

    /// A call has one encoding, so that all who decode it read the same move: the last argument is
    /// an array whose items take `size` bytes each and end the calldata, which has `head` words
    /// before it.
    function _isArray(uint256 offset, uint256 length, uint256 size, uint256 head) internal pure returns (bool) {
        return offset == 4 + 32 * head + 32 && msg.data.length == offset + length * size;
    }

    /// Where the items of a list begin in calldata.
    function _offsetOf(uint256[] calldata list) internal pure returns (uint256 offset) {
        assembly {
            offset := list.offset
        }
    }

    /// The job, which must exist.
    function _known(bytes32 job) internal view returns (Job storage known) {
        known = _jobs[job];
        require(known.creator != address(0), JobUnknown());
    }

    /// The job, which must exist and go on (§1.8).
    function _going(bytes32 job) internal view returns (Job storage going) {
        going = _known(job);
        require(_goesOn(going), JobEnded());
    }

    function _goesOn(Job storage job) internal view returns (bool) {
        return !job.ended && block.timestamp <= job.expiry && job.failures < job.attempts;
    }

    /// §1.6, for the phases before objecting. A commitment spares itself the job's slots: the stored
    /// phase says all, because whatever makes rounds void writes so into the one round that can be
    /// before objecting (see `_truncate`).
    function _running(bytes32 job, uint256 round, Phase phase) internal view returns (Round storage current) {
        current = _jobs[job].list[round];
        if (current.head.phase != phase) {
            require(round < _known(job).opened, WrongRound());
            revert WrongPhase();
        }
    }

    /// The round's phase. A proof or an objection makes its round and all later ones void without
    /// touching them one by one: otherwise rounds could be opened until no block has room for a proof.
    function _phaseOf(Job storage job, uint256 number) internal view returns (Phase phase) {
        Round storage round = job.list[number];
        phase = round.head.phase;
        if (phase == Phase.Objecting && !(round.step < job.steps && job.chain[round.step] == number)) {
            return Phase.Void;
        }
    }

    /// Whether the round has posted or is void.
    function _isSettled(Round storage round) internal view returns (bool) {
        return round.head.phase >= Phase.Objecting;
    }

    function _isStanding(Job storage job, uint256 index) internal view returns (bool) {
        return (job.standing >> index) & 1 == 1;
    }

    /// Whether the account is a listed aggregator that has staked and was not struck.
    function _stands(Job storage job, address account) internal view returns (bool) {
        uint256 aggregator = job.members[account].aggregator;
        return aggregator != 0 && _isStanding(job, aggregator - 1);
    }

    /// The next standing aggregator after `from`, cyclically; `from` if there is no other.
    function _nextStanding(Job storage job, uint256 from) internal view returns (uint8) {
        uint256 standing = job.standing;
        uint256 count = job.aggregators;
        for (uint256 i = 1; i < count; i++) {
            uint256 index = (from + i) % count;
            if ((standing >> index) & 1 == 1) return uint8(index);
        }
        return uint8(from);
    }

    /// The smallest cohort, and where updates are masked one more than recover a secret. The threshold
    /// of clear updates is 0, and a cohort at least 1.
    function _smallestSet(Job storage job, Round storage round) internal view returns (uint256) {
        uint256 more = uint256(round.masking.threshold) + 1;
        return more > job.minParticipants ? more : job.minParticipants;
    }

    /// Committed and not unavailable (§5.4).
    function _included(Round storage round) internal view returns (uint256) {
        return round.head.committed - round.unavailable;
    }

    function _isIncluded(Round storage round, uint256 participant) internal view returns (bool) {
        return round.commitments[participant] != 0 && !_contains(round.unavailableSet, participant);
    }

    /// Included and not refused (§6.2), of a round that has posted.
    function _isAccepted(Round storage round, uint256 participant) internal view returns (bool) {
        return _isIncluded(round, participant) && !_contains(round.refusedSet, participant);
    }

    /// The reason and the entry that the step names for a refused participant.
    function _refusalOf(Round storage round, uint256 participant) internal view returns (Fault, uint32) {
        uint256 low;
        for (uint256 top = round.refusals.length; low < top;) {
            uint256 middle = (low + top) / 2;
            if (round.refusals[middle] >> 40 < participant) low = middle + 1;
            else top = middle;
        }
        uint256 refusal = round.refusals[low];
        return (Fault((refusal >> 32) & 0xff), uint32(refusal));
    }

    /// §11.1: the share of one of `accepted` participants.
    function _share(Job storage job, uint256 accepted) internal view returns (uint256) {
        return job.escrow / job.rounds / accepted;
    }

    function _weightOf(uint256 commitment) internal pure returns (uint48) {
        return uint32(commitment);
    }

    function _contains(mapping(uint256 => uint256) storage set, uint256 participant) internal view returns (bool) {
        return (set[participant >> 8] >> (participant & 255)) & 1 == 1;
    }

    function _toggle(mapping(uint256 => uint256) storage set, uint256 participant) internal {
        set[participant >> 8] ^= 1 << (participant & 255);
    }
}
