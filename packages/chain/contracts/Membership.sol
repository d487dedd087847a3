// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";

/// Module of Nonet: creating a job (§1.1), membership (§2), money (§11), anchors. Money is paid to
/// those who ask for theirs; the state changes before the payment, so that a receiver that calls back
/// finds nothing owed.
contract Membership is State {
    uint256 private constant BOND_LOCK = 86_400;
    uint256 private constant MAXIMUM_LISTED = 64;

    /// §1.1. The sender becomes the creator and pays the escrow.
    function create(Terms calldata terms) external payable {
        // In a module's own storage there are no modules, and so never a job.
        require(_modules.membership != address(0), JobUnknown());
        bytes32 name = sha256(abi.encodePacked("nonet job\x00", msg.sender, terms.record));
        Job storage job = _jobs[name];
        require(job.creator == address(0), JobExists());
        _assertTerms(terms);
        require(msg.value == terms.escrow, WrongValue());
        job.creator = msg.sender;
        job.rounds = terms.rounds;
        job.minParticipants = terms.minParticipants;
        job.maxParticipants = terms.maxParticipants;
        job.invited = terms.invited;
        job.aggregators = uint8(terms.aggregators.length);
        job.copies = terms.copies;
        job.createdIn = uint40(block.number);
        job.attempts = terms.attempts;
        job.grace = terms.grace;
        job.expiry = terms.expiry;
        job.phases = terms.phases;
        job.escrow = terms.escrow;
        job.bond = terms.bond;
        job.maximumWeight = terms.maximumWeight;
        job.entries = terms.entries;
        job.headerLeaves = terms.headerLeaves;
        job.maskEntries = terms.maskEntries;
        job.maskThreshold = terms.maskThreshold;
        job.model = terms.model;
        if (terms.bond == 0) job.standing = uint64((1 << terms.aggregators.length) - 1);
        _list(job, terms);
        emit Created(name, msg.sender, terms);
    }

    /// The bounds of `assertTerms` in packages/core/src/ports/ledger.ts, as far as the types leave any.
    function _assertTerms(Terms calldata terms) private pure {
        bool counts = terms.rounds > 0 && terms.minParticipants > 0 && terms.maxParticipants >= terms.minParticipants
            && terms.attempts > 0 && terms.maximumWeight > 0;
        bool lists = terms.aggregators.length > 0 && terms.aggregators.length <= MAXIMUM_LISTED
            && terms.watchers.length <= MAXIMUM_LISTED && terms.stores.length <= MAXIMUM_LISTED;
        bool copies = terms.copies > 0 && terms.copies <= terms.stores.length;
        bool rule = (terms.entries == 0) == (terms.headerLeaves == 0);
        require(counts && lists && copies && rule && _areMasks(terms), WrongTerms());
    }

    function _areMasks(Terms calldata terms) private pure returns (bool) {
        if (terms.maskEntries == 0) return terms.maskThreshold == 0;
        bool phases = terms.phases[uint256(Phase.Open) - 1] > 0 && terms.phases[uint256(Phase.Opening) - 1] > 0
            && terms.phases[uint256(Phase.Appealing) - 1] > 0;
        return phases && terms.maskThreshold >= 50 && terms.maskThreshold <= 99 && terms.entries == 0
            && terms.maximumWeight == 1 && terms.minParticipants >= 3;
    }

    /// Lists are without repetition.
    function _list(Job storage job, Terms calldata terms) private {
        for (uint256 i; i < terms.aggregators.length; i++) {
            Member storage member = job.members[terms.aggregators[i]];
            require(member.aggregator == 0, WrongTerms());
            member.aggregator = uint8(i + 1);
        }
        for (uint256 i; i < terms.watchers.length; i++) {
            Member storage member = job.members[terms.watchers[i]];
            require(!member.watcher, WrongTerms());
            member.watcher = true;
        }
        for (uint256 i; i < terms.stores.length; i++) {
            Member storage member = job.members[terms.stores[i]];
            require(!member.store, WrongTerms());
            member.store = true;
        }
    }

    /// §2.1
    function stake(bytes32 job) external payable {
        Job storage known = _known(job);
        uint256 aggregator = known.members[msg.sender].aggregator;
        require(aggregator != 0, WrongRole());
        uint64 own = uint64(1 << (aggregator - 1));
        require((known.standing | known.struck) & own == 0, Repeated());
        known.standing |= own;
        _accept(job, known.bond);
    }

    /// §2.2
    function admit(bytes32 job, address[] calldata accounts) external payable {
        uint256 offset;
        assembly {
            offset := accounts.offset
        }
        require(_isArray(offset, accounts.length, 32, 2), WrongEncoding());
        Job storage going = _going(job);
        require(msg.sender == going.creator, WrongRole());
        for (uint256 i; i < accounts.length; i++) {
            Member storage member = going.members[accounts[i]];
            require(!member.admitted && member.number == 0, Repeated());
            member.admitted = true;
        }
        _accept(job, 0);
    }

    /// §2.3
    function join(bytes32 job) external payable {
        Job storage going = _going(job);
        Member storage member = going.members[msg.sender];
        if (member.number == 0) {
            require(!going.invited || member.admitted, NotAdmitted());
            uint16 number = going.participants;
            require(number < going.maxParticipants, CohortFull());
            going.accounts[number] = msg.sender;
            going.participants = number + 1;
            member.admitted = false;
            member.number = number + 1;
            member.maximumWeight = going.maximumWeight;
            member.masked = going.maskEntries != 0;
        } else {
            require(!member.barred, NotAdmitted());
            require(member.left, Repeated());
            uint32 opened = going.opened;
            going.left--;
            bool counted = opened > 0 && !member.masked;
            if (counted && member.number > going.list[opened - 1].head.size) going.leftNewcomers--;
            member.left = false;
            member.since = opened;
        }
        _accept(job, 0);
    }

    /// §2.4. Keeps the last round's counters of attendance (§4.2): what the next round will make of
    /// this round's commitments, and whom this round waits for.
    function leaveJob(bytes32 job) external payable {
        Job storage known = _known(job);
        Member storage member = known.members[msg.sender];
        require(member.number != 0 && !member.left, WrongRole());
        known.left++;
        uint32 opened = known.opened;
        if (member.masked) {
            _leaveMasked(known, member, opened);
        } else if (opened > 0) {
            Head storage head = known.list[opened - 1].head;
            if (member.number > head.size) known.leftNewcomers++;
            else if (member.attended == opened) _forget(head, member.steady);
            else if (member.since < opened) _release(head, member, opened - 1);
        }
        member.left = true;
        member.attended = 0;
        _accept(job, 0);
    }

    /// The same of masked updates (§12.1): neither the next round nor the last waits for it any more.
    function _leaveMasked(Job storage job, Member storage member, uint32 opened) private {
        uint32 announced = member.announced;
        member.announced = 0;
        if (announced == opened + 1) {
            job.ready--;
            if (member.awaited) job.readyAwaited--;
        } else if (announced != 0 && announced == opened) {
            Round storage last = job.list[opened - 1];
            Phase phase = last.head.phase;
            bool registered = member.registered == opened;
            if (!member.awaited && last.head.awaitedFrom != 0) return;
            if (phase == Phase.Open && registered) last.masking.awaited--;
            else if (phase == Phase.Open) last.head.outstanding--;
            else if (phase == Phase.Collecting && registered && member.attended != opened) last.head.outstanding--;
        }
    }

    /// A commitment in the last round counts as attendance no more.
    function _forget(Head storage head, bool steady) private {
        head.attended--;
        if (steady) head.steady--;
    }

    /// The last round waits for this participant no more.
    function _release(Head storage head, Member storage member, uint32 round) private {
        bool isNew = member.number > head.awaitedFrom;
        if (!isNew && member.attended != round) return;
        head.outstanding--;
        if (!isNew && !member.steady) return;
        head.regular--;
        if (head.phase == Phase.Collecting && head.regular == 0) head.regularSince = uint40(block.timestamp);
    }

    /// §2.5
    function end(bytes32 job) external payable {
        Job storage known = _known(job);
        require(msg.sender == known.creator, WrongRole());
        require(!known.ended, JobEnded());
        known.ended = true;
        _accept(job, 0);
    }

    /// §11.3
    function withdraw(bytes32 job, uint256[] calldata rounds) external payable {
        require(_isArray(_offsetOf(rounds), rounds.length, 32, 2), WrongEncoding());
        Job storage known = _known(job);
        for (uint256 i; i < rounds.length; i++) {
            require((i == 0 || rounds[i] > rounds[i - 1]) && rounds[i] < known.opened, WrongSet());
        }
        uint256 owed = _takeShares(known, rounds) + known.rewards[msg.sender] + _takeLocked(known);
        delete known.rewards[msg.sender];
        if (_isOver(known)) owed += _takeStake(known) + _takeRemainder(known);
        require(owed > 0, NothingOwed());
        _accept(job, 0);
        (bool sent,) = msg.sender.call{value: owed}("");
        require(sent, PaymentFailed());
    }

    /// The sender's unpaid shares of final rounds, from now on paid.
    function _takeShares(Job storage job, uint256[] calldata rounds) private returns (uint256 owed) {
        uint256 number = job.members[msg.sender].number;
        if (number == 0) return 0;
        for (uint256 i; i < rounds.length; i++) {
            Round storage round = job.list[rounds[i]];
            if (round.head.phase != Phase.Final || !_isAccepted(round, number - 1)) continue;
            if (_contains(round.paidSet, number - 1)) continue;
            uint256 share = _share(job, _included(round) - round.refused);
            if (share == 0) continue;
            _toggle(round.paidSet, number - 1);
            owed += share;
        }
    }

    /// The sender's bonds that are free, from now on returned. Bonds become free in the order in
    /// which they were locked: those that are, and were not returned, are found by bisection.
    function _takeLocked(Job storage job) private returns (uint256) {
        OwnLock[] storage own = job.ownLocks[msg.sender];
        uint256 returned = job.returned[msg.sender];
        uint256 free = returned;
        for (uint256 top = own.length; free < top;) {
            uint256 middle = (free + top) / 2;
            if (block.timestamp > uint256(own[middle].time) + BOND_LOCK) free = middle + 1;
            else top = middle;
        }
        if (free == returned) return 0;
        job.returned[msg.sender] = free;
        return own[free - 1].total - (returned == 0 ? 0 : own[returned - 1].total);
    }

    /// §11.2
    function _isOver(Job storage job) private view returns (bool) {
        if (job.opened > 0 && !_isSettled(job.list[job.running])) return false;
        if (job.finals != job.steps) return false;
        return job.finals == job.rounds || !_goesOn(job) || job.struck == (1 << job.aggregators) - 1;
    }

    function _takeStake(Job storage job) private returns (uint256) {
        if (job.bond == 0 || !_stands(job, msg.sender)) return 0;
        job.standing ^= uint64(1 << (job.members[msg.sender].aggregator - 1));
        return job.bond;
    }

    function _takeRemainder(Job storage job) private returns (uint256 remainder) {
        if (job.refunded || msg.sender != job.creator) return 0;
        remainder = job.escrow - job.spent;
        job.refunded = remainder > 0;
    }

    /// That a root existed when its block was made, and who posted it. Nothing else is kept of it.
    function anchor(bytes32 job, bytes32 root) external {
        emit Anchored(job, root, msg.sender);
    }
}
