// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {State} from "./State.sol";

/// Creating a job (§1.1) and membership (§2).
abstract contract Jobs is State {
    struct JobView {
        address creator;
        uint32 rounds;
        uint32 minimum;
        uint32 maximum;
        uint32[6] phases;
        bool invited;
        uint256 escrow;
        uint256 bond;
        bytes32 model;
        uint32 participants;
        uint32 opened;
        uint32 steps;
        uint32 finals;
        uint256 spent;
        End end;
        uint32 objectedRound;
        address objector;
        uint40 endedAt;
        uint40 createdIn;
        bool refunded;
        bool bondReturned;
    }

    /// §1.1. The sender becomes the creator and pays the escrow.
    function create(Terms calldata terms) external payable {
        Job storage job = _jobs[terms.job];
        require(job.creator == address(0), JobExists());
        require(terms.rounds > 0 && terms.minimum > 0 && terms.minimum <= terms.maximum, InvalidTerms());
        require(msg.value == terms.escrow, WrongEscrow());
        job.creator = msg.sender;
        job.rounds = terms.rounds;
        job.minimum = terms.minimum;
        job.maximum = terms.maximum;
        job.phases = terms.phases;
        job.invited = terms.invited;
        job.model = terms.model;
        job.escrow = terms.escrow;
        job.bond = terms.bond;
        job.createdIn = uint40(block.number);
        for (uint256 i; i < terms.aggregators.length; i++) job.members[terms.aggregators[i]].aggregator = true;
        for (uint256 i; i < terms.watchers.length; i++) job.members[terms.watchers[i]].watcher = true;
        for (uint256 i; i < terms.stores.length; i++) job.members[terms.stores[i]].store = true;
        emit Created(terms.job, msg.sender, terms);
    }

    /// §2.1
    function admit(bytes32 job, address[] calldata accounts) external {
        Job storage going = _going(job);
        require(msg.sender == going.creator, WrongRole());
        for (uint256 i; i < accounts.length; i++) {
            Member storage member = going.members[accounts[i]];
            require(!member.admitted && member.number == 0, Repeated());
            member.admitted = true;
        }
        emit Admitted(job, msg.sender, accounts);
    }

    /// §2.2
    function join(bytes32 job) external {
        Job storage going = _going(job);
        Member storage member = going.members[msg.sender];
        require(member.number == 0, Repeated());
        require(!going.invited || member.admitted, NotAdmitted());
        uint32 participant = going.participants;
        require(participant < going.maximum, CohortFull());
        member.admitted = false;
        member.number = participant + 1;
        going.participants = participant + 1;
        emit Joined(job, msg.sender, participant);
    }

    function jobOf(bytes32 job) external view returns (JobView memory) {
        Job storage known = _known(job);
        return JobView({
            creator: known.creator,
            rounds: known.rounds,
            minimum: known.minimum,
            maximum: known.maximum,
            phases: known.phases,
            invited: known.invited,
            escrow: known.escrow,
            bond: known.bond,
            model: known.model,
            participants: known.participants,
            opened: known.opened,
            steps: known.steps,
            finals: known.finals,
            spent: known.spent,
            end: known.end,
            objectedRound: known.objectedRound,
            objector: known.objector,
            endedAt: known.endedAt,
            createdIn: known.createdIn,
            refunded: known.refunded,
            bondReturned: known.bondReturned
        });
    }

    /// The block in which the job was created; 0 for an unknown job.
    function createdIn(bytes32 job) external view returns (uint256) {
        return _jobs[job].createdIn;
    }

    function memberOf(bytes32 job, address account) external view returns (Member memory) {
        return _jobs[job].members[account];
    }
}
