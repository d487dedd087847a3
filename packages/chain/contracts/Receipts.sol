// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./Signatures.sol";
import {State} from "./State.sol";

/// Receipts of stores (§1.7).
abstract contract Receipts is State {
    struct Receipt {
        bytes32 blob;
        uint256 size;
        address store;
        bytes32 r;
        bytes32 s;
        uint8 v;
    }

    /// Bytes of a receipt in calldata.
    uint256 internal constant RECEIPT_BYTES = 6 * 32;

    bytes32 private constant DOMAIN =
        keccak256(abi.encode(keccak256("EIP712Domain(string name,string version)"), keccak256("Nonet"), keccak256("1")));
    bytes32 private constant RECEIPT = keccak256("StoreReceipt(bytes32 blob,uint256 size)");

    function _offsetOf(Receipt[] calldata receipts) internal pure returns (uint256 offset) {
        assembly {
            offset := receipts.offset
        }
    }

    /// `_isArray` of receipts.
    function _isReceiptArray(Receipt[] calldata receipts, uint256 head) internal pure returns (bool) {
        return _isArray(_offsetOf(receipts), receipts.length, RECEIPT_BYTES, head);
    }

    /// Whether the `copies` receipts from number `from` on are a receipt set for `blob`.
    function _isReceiptSet(Job storage job, bytes32 blob, Receipt[] calldata receipts, uint256 from)
        internal
        view
        returns (bool)
    {
        uint256 copies = job.copies;
        if (receipts.length < from + copies) return false;
        for (uint256 i = from; i < from + copies; i++) {
            Receipt calldata receipt = receipts[i];
            if (receipt.blob != blob || receipt.size >= 2 ** 53) return false;
            if (i > from && receipt.store <= receipts[i - 1].store) return false;
            if (!job.members[receipt.store].store) return false;
            bytes32 message = keccak256(abi.encode(RECEIPT, blob, receipt.size));
            if (!Signatures.isSigned(receipt.store, DOMAIN, message, receipt.r, receipt.s, receipt.v)) return false;
        }
        return true;
    }

    /// Whether the receipts are exactly a receipt set for what a participant has committed to.
    function _isReceiptSetFor(Job storage job, uint256 commitment, Receipt[] calldata receipts)
        internal
        view
        returns (bool)
    {
        if (receipts.length != job.copies) return false;
        // A masked message has no fault but its length (§12.6).
        uint256 bytesOfMasked = 4 * uint256(job.maskEntries);
        for (uint256 i; bytesOfMasked != 0 && i < receipts.length; i++) {
            if (receipts[i].size != bytesOfMasked) return false;
        }
        bytes32 blob = receipts[0].blob;
        return uint256(blob) >> 32 == commitment >> 32 && _isReceiptSet(job, blob, receipts, 0);
    }
}
