// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ContentTree} from "./ContentTree.sol";
import {Signatures} from "./Signatures.sol";
import {State} from "./State.sol";

/// What one leaf shows of an update message (docs/specs/update.md §1 and §2).
abstract contract Messages is State {
    using ContentTree for ContentTree.Shown;

    uint256 private constant HEADER_BYTES = 256;
    int256 private constant MAXIMUM_ENTRY = 2 ** 23;
    // Where the fields lie in the header.
    uint256 private constant JOB = 16;
    uint256 private constant STEP = 48;
    uint256 private constant PARTICIPANT = 52;
    uint256 private constant MODEL = 56;
    uint256 private constant SIGNATURE = 152;
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant CLOSING = 217;

    bytes16 private constant OPENING = "nonet update\x00\x00\x00\x01";
    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant UPDATE = keccak256("Update(bytes32 job,uint256 step,uint256 participant,bytes32 body)");

    /// §1.1
    function _messageBytes(Job storage job) internal view returns (uint256) {
        return HEADER_BYTES + 4 * uint256(job.entries);
    }

    /// Entry `entry` of a message of the right length, in its leaf.
    function _entryOf(ContentTree.Shown memory shown, uint256 entry) internal pure returns (int256) {
        return int32(_uint32At(shown.leaf + 4 * (entry % 64)));
    }

    /// §2. `shown` is the leaf of the entry for `OutOfRange`, else the header. A message of another
    /// length has no fault but that.
    function _hasFault(
        bytes32 name,
        Job storage job,
        Round storage round,
        uint256 participant,
        Fault reason,
        uint256 entry,
        ContentTree.Shown memory shown
    ) internal view returns (bool) {
        if (shown.length != _messageBytes(job)) return reason == Fault.WrongLength;
        if (reason == Fault.WrongLength) return false;
        if (reason == Fault.Malformed) return _isMalformed(shown.leaf);
        if (reason == Fault.WrongJob) return _wordAt(shown.leaf + JOB) != name;
        if (reason == Fault.WrongStep) return uint256(_wordAt(shown.leaf + STEP)) >> 224 != round.step;
        if (reason == Fault.WrongParticipant) return uint256(_wordAt(shown.leaf + PARTICIPANT)) >> 224 != participant;
        if (reason == Fault.WrongModel) return _wordAt(shown.leaf + MODEL) != round.model;
        if (reason == Fault.WrongSigner) {
            return !_isSigned(name, round.step, participant, job.accounts[participant], shown);
        }
        int256 value = _entryOf(shown, entry);
        return value > MAXIMUM_ENTRY || value < -MAXIMUM_ENTRY;
    }

    /// The last 39 bytes are read as two words that overlap.
    function _isMalformed(uint256 header) private pure returns (bool) {
        return bytes16(_wordAt(header)) != OPENING || _wordAt(header + CLOSING) != 0
            || _wordAt(header + HEADER_BYTES - 32) != 0;
    }

    /// §1.4
    function _isSigned(
        bytes32 name,
        uint256 step,
        uint256 participant,
        address account,
        ContentTree.Shown memory shown
    ) private view returns (bool) {
        bytes32 body = shown.rootWith(0, SIGNATURE, SIGNATURE_BYTES);
        bytes32 domain =
            keccak256(abi.encode(DOMAIN, keccak256("Nonet"), keccak256("1"), block.chainid, address(this)));
        bytes32 structHash = keccak256(abi.encode(UPDATE, name, step, participant, body));
        uint256 signature = shown.leaf + SIGNATURE;
        uint8 v = uint8(bytes1(_wordAt(signature + 64)));
        return Signatures.isSigned(account, domain, structHash, _wordAt(signature), _wordAt(signature + 32), v);
    }

    function _wordAt(uint256 position) internal pure returns (bytes32 word) {
        assembly {
            word := calldataload(position)
        }
    }

    /// Little-endian.
    function _uint32At(uint256 position) internal pure returns (uint32) {
        uint256 word = uint256(_wordAt(position));
        return uint32(((word >> 224) & 0xff) << 24 | ((word >> 232) & 0xff) << 16 | ((word >> 240) & 0xff) << 8 | word >> 248);
    }
}
