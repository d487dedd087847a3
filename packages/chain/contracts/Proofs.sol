// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContentTree} from "./ContentTree.sol";
import {Float32} from "./Float32.sol";
import {Messages} from "./Messages.sol";
import {Turns} from "./Turns.sol";

/// Module of Nonet: proofs that a step or a closed set is wrong (§8). `shown` holds leaves of blobs, one
/// behind the other (ContentTree), in the order that each function names; nothing follows the last.
///
/// A proof is about one leaf, one entry or one group, and so has a bound that no cohort and no number
/// of rounds can lift: 128 terms and twice as many slots.
contract Proofs is Turns, Messages {
    using ContentTree for ContentTree.Shown;

    uint256 private constant LEAF_BYTES = 256;
    /// Sums are exact in doubles below this: an update or a group that leads beyond is wrong by itself.
    int256 private constant EXACT = 2 ** 53;

    /// Where reading stands.
    struct Cursor {
        uint256 position;
        uint256 end;
    }

    /// §8.2. Shown: leaf `index` of the model before, and of the posted one.
    function proveHeader(bytes32 job, uint256 round, uint256 index, bytes calldata shown) external payable {
        (Job storage known, Round storage current) = _judged(job, round);
        Cursor memory cursor = _open(shown, 4);
        ContentTree.Shown memory start = _show(cursor, index, current.model);
        ContentTree.Shown memory next = _show(cursor, index, current.posted);
        require(cursor.position == cursor.end, WrongProof());
        require(start.length != next.length || (index < known.headerLeaves && !_equal(start, next)), WrongProof());
        _convict(job, round, current.postedBy);
    }

    /// §8.3. Shown: number `entry` of the model before, and of the posted one; entry `entry` of every
    /// accepted update, ascending, or the partial sums of that entry of all groups, leaf by leaf.
    function proveAverage(bytes32 job, uint256 round, uint256 entry, bytes calldata shown) external payable {
        (Job storage known, Round storage current) = _judged(job, round);
        require(entry < known.entries, WrongProof());
        Cursor memory cursor = _open(shown, 4);
        uint256 leaf = known.headerLeaves + entry / 64;
        uint32 start = _numberOf(_show(cursor, leaf, current.model), entry);
        uint32 posted = _numberOf(_show(cursor, leaf, current.posted), entry);
        int256 sum = current.head.size > GROUP
            ? _sumOfGroups(known, current, entry, cursor)
            : _sumOfUpdates(known, current, entry, 0, current.head.size, cursor);
        require(cursor.position == cursor.end, WrongProof());
        require(sum < EXACT && sum > -EXACT, WrongProof());
        uint32 right = Float32.step(start, sum, uint256(current.head.weight) << 20);
        require(right != posted || !Float32.isFinite(right), WrongProof());
        _convict(job, round, current.postedBy);
    }

    /// §8.4. Shown: the leaf of the group's partial sum `entry`; entry `entry` of the group's updates,
    /// ascending. For partial sums of a wrong length, only leaf 0, with group and entry 0.
    function proveGroup(bytes32 job, uint256 round, uint256 group, uint256 entry, bytes calldata shown)
        external
        payable
    {
        (Job storage known, Round storage current) = _judged(job, round);
        uint256 size = current.head.size;
        uint256 groups = _groups(size);
        require(group < groups && entry < known.entries, WrongProof());
        Cursor memory cursor = _open(shown, 5);
        uint256 position = entry * groups + group;
        ContentTree.Shown memory sum = _show(cursor, position / 32, current.partials);
        if (sum.length == 8 * groups * known.entries) {
            uint256 first = group * GROUP;
            uint256 top = first + GROUP < size ? first + GROUP : size;
            int256 right = _sumOfUpdates(known, current, entry, first, top, cursor);
            require(_int64At(sum, position) != right, WrongProof());
        } else {
            require(position == 0, WrongProof());
        }
        require(cursor.position == cursor.end, WrongProof());
        _convict(job, round, current.postedBy);
    }

    /// §8.5. Shown: the leaf of the update that has the fault.
    function proveAccepted(
        bytes32 job,
        uint256 round,
        uint256 participant,
        Fault reason,
        uint256 entry,
        bytes calldata shown
    ) external payable {
        (Job storage known, Round storage current) = _judged(job, round);
        require(_isAccepted(current, participant), WrongProof());
        require(_isFaulty(job, known, current, participant, reason, entry, _open(shown, 6)), WrongProof());
        _convict(job, round, current.postedBy);
    }

    /// §8.6. Shown: the leaf of the update that has not the fault for which the step refuses it.
    function proveRefused(bytes32 job, uint256 round, uint256 participant, bytes calldata shown) external payable {
        (Job storage known, Round storage current) = _judged(job, round);
        require(_contains(current.refusedSet, participant), WrongProof());
        (Fault reason, uint256 entry) = _refusalOf(current, participant);
        require(!_isFaulty(job, known, current, participant, reason, entry, _open(shown, 4)), WrongProof());
        _convict(job, round, current.postedBy);
    }

    /// §8.7
    function proveSilence(bytes32 job, uint256 round, uint256 participant) external payable {
        Job storage known = _known(job);
        require(round < known.opened, WrongRound());
        Phase phase = _phaseOf(known, round);
        require(phase >= Phase.Complaining && phase <= Phase.Objecting, WrongPhase());
        Demand storage asked = known.list[round].demands[participant];
        bool open = asked.by != address(0) && !asked.answered;
        require(open && block.timestamp > asked.deadline, WrongProof());
        _convict(job, round, known.list[round].closedBy);
    }

    /// §8.1: the round in objecting, of a job with a rule.
    function _judged(bytes32 job, uint256 round) private view returns (Job storage known, Round storage current) {
        known = _known(job);
        current = known.list[round];
        require(round < known.opened, WrongRound());
        require(_phaseOf(known, round) == Phase.Objecting, WrongPhase());
        require(known.entries != 0, WrongProof());
    }

    /// §8.8. The burnt half goes to the zero address, which runs no code; where a chain does not let
    /// it, it stays here for ever, which is no better for anybody.
    function _convict(bytes32 job, uint256 round, uint8 aggregator) private {
        Job storage known = _jobs[job];
        uint64 own = uint64(1) << (aggregator - 1);
        uint256 lost = known.standing & own == 0 ? 0 : known.bond;
        known.standing &= ~own;
        known.struck |= own;
        known.rewards[msg.sender] += lost - lost / 2;
        _truncate(known, known.list[round]);
        if (!_isStanding(known, known.lead)) known.lead = _nextStanding(known, known.lead);
        _accept(job, 0);
        uint256 burnt = lost / 2;
        assembly ("memory-safe") {
            if burnt { pop(call(gas(), 0, burnt, 0, 0, 0, 0)) }
        }
    }

    /// `shown` is the last argument, of `head` words, and its padding ends the calldata.
    function _open(bytes calldata shown, uint256 head) private pure returns (Cursor memory cursor) {
        assembly ("memory-safe") {
            mstore(cursor, shown.offset)
        }
        cursor.end = cursor.position + shown.length;
        require(_isArray(cursor.position, (shown.length + 31) / 32, 32, head), WrongEncoding());
    }

    /// The next leaf, which must be leaf `index` of the blob at `blob`.
    function _show(Cursor memory cursor, uint256 index, bytes32 blob)
        private
        view
        returns (ContentTree.Shown memory shown)
    {
        (shown, cursor.position) = ContentTree.read(cursor.position);
        bytes32 root = shown.rootOf(index);
        // What is malformed has no root, and an address without a blob may be posted.
        require(root != 0 && root == blob, WrongProof());
    }

    /// The next leaf, which must be leaf `index` of the message that a participant has committed to.
    function _showMessage(Cursor memory cursor, uint256 index, uint256 commitment)
        private
        view
        returns (ContentTree.Shown memory shown)
    {
        (shown, cursor.position) = ContentTree.read(cursor.position);
        bytes32 root = shown.rootOf(index);
        require(root != 0 && uint256(root) >> 32 == commitment >> 32, WrongProof());
    }

    function _equal(ContentTree.Shown memory one, ContentTree.Shown memory other) private pure returns (bool) {
        return keccak256(msg.data[one.leaf:one.leaf + one.size]) == keccak256(msg.data[other.leaf:other.leaf + other.size]);
    }

    /// The bits of a model's number `entry`, in its leaf.
    function _numberOf(ContentTree.Shown memory shown, uint256 entry) private pure returns (uint32) {
        uint256 offset = 4 * (entry % 64);
        require(offset + 4 <= shown.size, WrongProof());
        return _uint32At(shown.leaf + offset);
    }

    /// weight * entry over the accepted updates of participants `first` to `top` - 1.
    function _sumOfUpdates(
        Job storage job,
        Round storage round,
        uint256 entry,
        uint256 first,
        uint256 top,
        Cursor memory cursor
    ) private view returns (int256 sum) {
        uint256 length = _messageBytes(job);
        uint256 leaf = 1 + entry / 64;
        for (uint256 participant = first; participant < top; participant++) {
            if (!_isAccepted(round, participant)) continue;
            uint256 commitment = round.commitments[participant];
            ContentTree.Shown memory shown = _showMessage(cursor, leaf, commitment);
            require(shown.length == length, WrongProof());
            sum += int256(uint256(_weightOf(commitment))) * _entryOf(shown, entry);
        }
    }

    /// The partial sums of one entry lie side by side: leaf by leaf, all that hold one.
    function _sumOfGroups(Job storage job, Round storage round, uint256 entry, Cursor memory cursor)
        private
        view
        returns (int256 sum)
    {
        uint256 groups = _groups(round.head.size);
        uint256 position = entry * groups;
        uint256 top = position + groups;
        while (position < top) {
            ContentTree.Shown memory shown = _show(cursor, position / 32, round.partials);
            require(shown.length == 8 * groups * job.entries, WrongProof());
            do {
                sum += _int64At(shown, position);
                position++;
            } while (position < top && position % 32 != 0);
        }
    }

    function _groups(uint256 size) private pure returns (uint256) {
        return (size + GROUP - 1) / GROUP;
    }

    /// Partial sum number `position` of the blob, in its leaf: little-endian.
    function _int64At(ContentTree.Shown memory shown, uint256 position) private pure returns (int256) {
        uint256 first = shown.leaf + 8 * (position % 32);
        return int64((uint64(_uint32At(first + 4)) << 32) | _uint32At(first));
    }

    /// Whether what is shown of an update has a fault (docs/specs/update.md §2).
    function _isFaulty(
        bytes32 name,
        Job storage job,
        Round storage round,
        uint256 participant,
        Fault reason,
        uint256 entry,
        Cursor memory cursor
    ) private view returns (bool) {
        require(entry < job.entries, WrongProof());
        uint256 leaf = reason == Fault.OutOfRange ? 1 + entry / 64 : 0;
        ContentTree.Shown memory shown = _showMessage(cursor, leaf, round.commitments[participant]);
        require(cursor.position == cursor.end, WrongProof());
        return _hasFault(name, job, round, participant, reason, entry, shown);
    }
}
