// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const nonetAbi = [
 {
  "inputs": [],
  "name": "CohortFull",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "CohortTooSmall",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "InvalidTerms",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "JobComplete",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "JobEnded",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "JobExists",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "JobUnknown",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "NotAdmitted",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "NothingOwed",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "PaymentFailed",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "Repeated",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "TooEarly",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "TooLate",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongBond",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongEscrow",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongModel",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongPhase",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongReceipt",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongRole",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongRound",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "WrongSet",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "ZeroCommitment",
  "type": "error"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "address[]",
    "name": "accounts",
    "type": "address[]"
   }
  ],
  "name": "Admitted",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "enum State.Phase",
    "name": "phase",
    "type": "uint8"
   },
   {
    "indexed": false,
    "internalType": "uint40",
    "name": "deadline",
    "type": "uint40"
   }
  ],
  "name": "Advanced",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "root",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   }
  ],
  "name": "Anchored",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "participant",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "blob",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "size",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "store",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "bytes",
    "name": "signature",
    "type": "bytes"
   }
  ],
  "name": "Appealed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256[]",
    "name": "unavailable",
    "type": "uint256[]"
   },
   {
    "indexed": false,
    "internalType": "enum State.Phase",
    "name": "phase",
    "type": "uint8"
   },
   {
    "indexed": false,
    "internalType": "uint40",
    "name": "deadline",
    "type": "uint40"
   }
  ],
  "name": "Closed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "participant",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "commitment",
    "type": "bytes32"
   }
  ],
  "name": "Committed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "creator",
    "type": "address"
   },
   {
    "components": [
     {
      "internalType": "bytes32",
      "name": "job",
      "type": "bytes32"
     },
     {
      "internalType": "bytes32",
      "name": "model",
      "type": "bytes32"
     },
     {
      "internalType": "uint32",
      "name": "rounds",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "minimum",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "maximum",
      "type": "uint32"
     },
     {
      "internalType": "bool",
      "name": "invited",
      "type": "bool"
     },
     {
      "internalType": "uint32[6]",
      "name": "phases",
      "type": "uint32[6]"
     },
     {
      "internalType": "address[]",
      "name": "aggregators",
      "type": "address[]"
     },
     {
      "internalType": "address[]",
      "name": "watchers",
      "type": "address[]"
     },
     {
      "internalType": "address[]",
      "name": "stores",
      "type": "address[]"
     },
     {
      "internalType": "uint256",
      "name": "escrow",
      "type": "uint256"
     },
     {
      "internalType": "uint256",
      "name": "bond",
      "type": "uint256"
     }
    ],
    "indexed": false,
    "internalType": "struct State.Terms",
    "name": "terms",
    "type": "tuple"
   }
  ],
  "name": "Created",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "participant",
    "type": "uint32"
   }
  ],
  "name": "Joined",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   }
  ],
  "name": "Objected",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint32",
    "name": "size",
    "type": "uint32"
   },
   {
    "indexed": false,
    "internalType": "enum State.Phase",
    "name": "phase",
    "type": "uint8"
   },
   {
    "indexed": false,
    "internalType": "uint40",
    "name": "deadline",
    "type": "uint40"
   }
  ],
  "name": "Opened",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "uint256[]",
    "name": "refused",
    "type": "uint256[]"
   },
   {
    "indexed": false,
    "internalType": "uint40",
    "name": "deadline",
    "type": "uint40"
   }
  ],
  "name": "Stepped",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "by",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256[]",
    "name": "rounds",
    "type": "uint256[]"
   },
   {
    "indexed": false,
    "internalType": "uint256[]",
    "name": "paid",
    "type": "uint256[]"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "participant",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "amount",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "bool",
    "name": "refunded",
    "type": "bool"
   },
   {
    "indexed": false,
    "internalType": "bool",
    "name": "bondReturned",
    "type": "bool"
   },
   {
    "indexed": false,
    "internalType": "bool",
    "name": "ended",
    "type": "bool"
   }
  ],
  "name": "Withdrawn",
  "type": "event"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "address[]",
    "name": "accounts",
    "type": "address[]"
   }
  ],
  "name": "admit",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   }
  ],
  "name": "advance",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "root",
    "type": "bytes32"
   }
  ],
  "name": "anchor",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "blob",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "size",
    "type": "uint256"
   },
   {
    "internalType": "address",
    "name": "store",
    "type": "address"
   },
   {
    "internalType": "bytes",
    "name": "signature",
    "type": "bytes"
   }
  ],
  "name": "appeal",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "uint256[]",
    "name": "unavailable",
    "type": "uint256[]"
   }
  ],
  "name": "close",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "commitment",
    "type": "bytes32"
   }
  ],
  "name": "commit",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "components": [
     {
      "internalType": "bytes32",
      "name": "job",
      "type": "bytes32"
     },
     {
      "internalType": "bytes32",
      "name": "model",
      "type": "bytes32"
     },
     {
      "internalType": "uint32",
      "name": "rounds",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "minimum",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "maximum",
      "type": "uint32"
     },
     {
      "internalType": "bool",
      "name": "invited",
      "type": "bool"
     },
     {
      "internalType": "uint32[6]",
      "name": "phases",
      "type": "uint32[6]"
     },
     {
      "internalType": "address[]",
      "name": "aggregators",
      "type": "address[]"
     },
     {
      "internalType": "address[]",
      "name": "watchers",
      "type": "address[]"
     },
     {
      "internalType": "address[]",
      "name": "stores",
      "type": "address[]"
     },
     {
      "internalType": "uint256",
      "name": "escrow",
      "type": "uint256"
     },
     {
      "internalType": "uint256",
      "name": "bond",
      "type": "uint256"
     }
    ],
    "internalType": "struct State.Terms",
    "name": "terms",
    "type": "tuple"
   }
  ],
  "name": "create",
  "outputs": [],
  "stateMutability": "payable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   }
  ],
  "name": "createdIn",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "deployedIn",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   }
  ],
  "name": "jobOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "creator",
      "type": "address"
     },
     {
      "internalType": "uint32",
      "name": "rounds",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "minimum",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "maximum",
      "type": "uint32"
     },
     {
      "internalType": "uint32[6]",
      "name": "phases",
      "type": "uint32[6]"
     },
     {
      "internalType": "bool",
      "name": "invited",
      "type": "bool"
     },
     {
      "internalType": "uint256",
      "name": "escrow",
      "type": "uint256"
     },
     {
      "internalType": "uint256",
      "name": "bond",
      "type": "uint256"
     },
     {
      "internalType": "bytes32",
      "name": "model",
      "type": "bytes32"
     },
     {
      "internalType": "uint32",
      "name": "participants",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "opened",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "steps",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "finals",
      "type": "uint32"
     },
     {
      "internalType": "uint256",
      "name": "spent",
      "type": "uint256"
     },
     {
      "internalType": "enum State.End",
      "name": "end",
      "type": "uint8"
     },
     {
      "internalType": "uint32",
      "name": "objectedRound",
      "type": "uint32"
     },
     {
      "internalType": "address",
      "name": "objector",
      "type": "address"
     },
     {
      "internalType": "uint40",
      "name": "endedAt",
      "type": "uint40"
     },
     {
      "internalType": "uint40",
      "name": "createdIn",
      "type": "uint40"
     },
     {
      "internalType": "bool",
      "name": "refunded",
      "type": "bool"
     },
     {
      "internalType": "bool",
      "name": "bondReturned",
      "type": "bool"
     }
    ],
    "internalType": "struct Jobs.JobView",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   }
  ],
  "name": "join",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "memberOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint32",
      "name": "number",
      "type": "uint32"
     },
     {
      "internalType": "bool",
      "name": "admitted",
      "type": "bool"
     },
     {
      "internalType": "bool",
      "name": "aggregator",
      "type": "bool"
     },
     {
      "internalType": "bool",
      "name": "watcher",
      "type": "bool"
     },
     {
      "internalType": "bool",
      "name": "store",
      "type": "bool"
     }
    ],
    "internalType": "struct State.Member",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   }
  ],
  "name": "object",
  "outputs": [],
  "stateMutability": "payable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   }
  ],
  "name": "open",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "participant",
    "type": "uint256"
   }
  ],
  "name": "participantOf",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "commitment",
    "type": "bytes32"
   },
   {
    "internalType": "bool",
    "name": "unavailable",
    "type": "bool"
   },
   {
    "internalType": "bool",
    "name": "refused",
    "type": "bool"
   },
   {
    "internalType": "bool",
    "name": "paid",
    "type": "bool"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   }
  ],
  "name": "roundOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "enum State.Phase",
      "name": "phase",
      "type": "uint8"
     },
     {
      "internalType": "uint40",
      "name": "deadline",
      "type": "uint40"
     },
     {
      "internalType": "uint32",
      "name": "size",
      "type": "uint32"
     },
     {
      "internalType": "bytes32",
      "name": "model",
      "type": "bytes32"
     },
     {
      "internalType": "uint32",
      "name": "committed",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "outstanding",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "unavailable",
      "type": "uint32"
     },
     {
      "internalType": "uint32",
      "name": "refused",
      "type": "uint32"
     },
     {
      "internalType": "bool",
      "name": "stepped",
      "type": "bool"
     },
     {
      "internalType": "bytes32",
      "name": "stepModel",
      "type": "bytes32"
     },
     {
      "internalType": "address",
      "name": "stepBy",
      "type": "address"
     }
    ],
    "internalType": "struct Rounds.RoundView",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256",
    "name": "round",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "model",
    "type": "bytes32"
   },
   {
    "internalType": "uint256[]",
    "name": "refused",
    "type": "uint256[]"
   }
  ],
  "name": "step",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "job",
    "type": "bytes32"
   },
   {
    "internalType": "uint256[]",
    "name": "rounds",
    "type": "uint256[]"
   }
  ],
  "name": "withdraw",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 }
] as const;
export const nonetBytecode = '0x60a0604052436080523480156012575f5ffd5b506080516149db61002b5f395f61034201526149db5ff3fe608060405260043610610123575f3560e01c8063940555f8116100a1578063affe000e11610071578063c5840ab811610057578063c5840ab81461044a578063d98a338814610469578063fa7e581514610488575f5ffd5b8063affe000e146103ff578063c34f926f1461042b575f5ffd5b8063940555f8146103835780639afcdb5f146103a2578063a21f3c6a146103c1578063ad677d0b146103e0575f5ffd5b80633a7d8d78116100f65780634095e88f116100dc5780634095e88f1461027d578063740a89fe1461033157806374e97dea14610364575f5ffd5b80633a7d8d781461020a5780633d21184d1461021d575f5ffd5b8063125571441461012757806316ab00751461019e57806332effa41146101bf578063352b4d49146101de575b5f5ffd5b348015610132575f5ffd5b50610146610141366004613ba7565b61049b565b60405161019591905f60a08201905063ffffffff835116825260208301511515602083015260408301511515604083015260608301511515606083015260808301511515608083015292915050565b60405180910390f35b3480156101a9575f5ffd5b506101bd6101b8366004613bd1565b610560565b005b3480156101ca575f5ffd5b506101bd6101d9366004613c75565b610809565b3480156101e9575f5ffd5b506101fd6101f8366004613c9e565b610cbe565b6040516101959190613cff565b6101bd610218366004613c75565b610e55565b348015610228575f5ffd5b5061026f610237366004613dff565b5f90815260208190526040902060020154790100000000000000000000000000000000000000000000000000900464ffffffffff1690565b604051908152602001610195565b348015610288575f5ffd5b50610309610297366004613c75565b5f928352602083815260408085209385526009909301815282842082855260048101825283852054600884901c8652600582018352848620546006830184528587205460079093019093529390942054929460ff90921690811c6001908116811494821c811681149390911c81161490565b6040805194855292151560208501529015159183019190915215156060820152608001610195565b34801561033c575f5ffd5b5061026f7f000000000000000000000000000000000000000000000000000000000000000081565b34801561036f575f5ffd5b506101bd61037e366004613e5e565b6111aa565b34801561038e575f5ffd5b506101bd61039d366004613c75565b61146d565b3480156103ad575f5ffd5b506101bd6103bc366004613c9e565b611710565b3480156103cc575f5ffd5b506101bd6103db366004613c9e565b6119f3565b3480156103eb575f5ffd5b506101bd6103fa366004613dff565b611a2e565b34801561040a575f5ffd5b5061041e610419366004613dff565b611c4d565b6040516101959190613ee5565b348015610436575f5ffd5b506101bd61044536600461407a565b611ed6565b348015610455575f5ffd5b506101bd61046436600461407a565b61228b565b348015610474575f5ffd5b506101bd6104833660046140c2565b612406565b6101bd61049636600461411e565b612936565b6040805160a0810182525f80825260208201819052918101829052606081018290526080810191909152505f8281526020818152604080832073ffffffffffffffffffffffffffffffffffffffff85168452600801825291829020825160a081018452905463ffffffff8116825260ff6401000000008204811615159383019390935265010000000000810483161515938201939093526601000000000000830482161515606082015267010000000000000090920416151560808201525b92915050565b5f61056d88886003612efb565b5f8981526020818152604080832033845260088101909252909120549192509063ffffffff1680158015906105d257506105d2600584016105af600184614183565b600881901c5f908152602092909252604090912054600160ff9092161c81161490565b610608576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254610100900464ffffffffff1642111561064f576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600483015f61065f600184614183565b81526020019081526020015f205488146106a5576040517fadf785e800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b73ffffffffffffffffffffffffffffffffffffffff86165f908152600883016020526040902054670100000000000000900460ff1680156106ee57506106ee888888888861301f565b610724576040517fadf785e800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61075e60058401610736600184614183565b600881901c5f90815260209290925260409091208054600160ff9093169290921b9091189055565b8254760100000000000000000000000000000000000000000000900463ffffffff1683601661078c83614196565b91906101000a81548163ffffffff021916908363ffffffff16021790555050897f3775094a954ee95897de33455ccda44fdb4524ac34160007d22590f7a8e0c5d4338b6001856107dc9190614183565b8c8c8c8c8c6040516107f59897969594939291906141b4565b60405180910390a250505050505050505050565b5f610813846132ef565b805490915073ffffffffffffffffffffffffffffffffffffffff163314806108545750335f90815260088201602052604090205465010000000000900460ff165b61088a576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6002810154640100000000900463ffffffff168381146108d6576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b815460028301547401000000000000000000000000000000000000000090910463ffffffff908116680100000000000000009092041610610943576040517f38527bf800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b63ffffffff8116158061097c575061097c600983015f610964600185614258565b63ffffffff1681526020019081526020015f20613358565b6109b2576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6002820154825463ffffffff91821691780100000000000000000000000000000000000000000000000090910416811015610a19576040517f35c297c200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82600401548414610a56576040517f5459a43900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b610a61826001614274565b600284810180547fffffffffffffffffffffffffffffffffffffffffffffffff00000000ffffffff1664010000000063ffffffff948516021790555f878152600986016020526040812080547fffffffffffffffffffffffffffffffffffffffffffff00000000ffffffffffff16660100000000000086861602178155918201879055909184161580610b305750600985015f610aff600187614258565b63ffffffff908116825260208201929092526040015f20547201000000000000000000000000000000000000900416155b610b6c57600985015f610b44600187614258565b63ffffffff908116825260208201929092526040015f20546601000000000000900416610b6e565b5f5b82547fffffffffffffffffffffffffffffffffffff00000000ffffffffffffffffffff166a010000000000000000000063ffffffff831690810291909117845590915015610bfa57600985015f610bc6600187614258565b63ffffffff908116825260208201929092526040015f20547201000000000000000000000000000000000000900416610bfc565b5f5b610c068285614258565b610c109190614274565b825463ffffffff919091166e010000000000000000000000000000027fffffffffffffffffffffffffffff00000000ffffffffffffffffffffffffffff909116178255610c5f8583600161338b565b815460405189917fbd31003e9691806526e14f9c5b8aa069cbbd56de686d2e6a9d8640ea2989430f91610cac9133918c918c918a9160ff81169161010090910464ffffffffff1690614290565b60405180910390a25050505050505050565b60408051610160810182525f80825260208201819052918101829052606081018290526080810182905260a0810182905260c0810182905260e0810182905261010081018290526101208101829052610140810182905290610d1f846134c7565b5f848152600982016020526040908190208151610160810190925291925080610d488487613522565b6008811115610d5957610d59613cbe565b8152825461010080820464ffffffffff1660208401526601000000000000820463ffffffff90811660408501526002860154606085015272010000000000000000000000000000000000008304811660808501526e0100000000000000000000000000008304811660a08501527601000000000000000000000000000000000000000000008304811660c08501527a01000000000000000000000000000000000000000000000000000083041660e0840152600160f01b90910460ff16151590820152600383015461012082015260019092015473ffffffffffffffffffffffffffffffffffffffff1661014090920191909152949350505050565b5f610e6284846006612efb565b5f85815260208181526040808320338452600881019092529091208054929350909163ffffffff1615801590610eae57508254815463ffffffff66010000000000009092048216911611155b80610ec4575080546601000000000000900460ff165b610efa576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254600160f01b900460ff16610f3c576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254610100900464ffffffffff16421115610f83576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82600301548403610fc0576040517f5459a43900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b81600601543414610ffd576040517f501c2aaf00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6002820180546003840180546201000033027fffffffffffffffffffff0000000000000000000000000000000000000000ffff90911617905564ffffffffff4216740100000000000000000000000000000000000000009081027fffffffffffffff0000000000ffffffffffffffffffffffffffffffffffffffff63ffffffff8a811670010000000000000000000000000000000002919091167fff00ffffffffff000000000000000000ffffffffffffffffffffffffffffffff9094169390931717600160f01b17808455600187810154680100000000000000009390048416929092027fffffffffffffffffffffffffffffffffffffffff00000000ffffffffffffffff90911617928390555f926009860192849261112992909164010000000090910416614258565b63ffffffff16815260208101919091526040015f208054909150600160f01b900460ff1661115d57805460ff191660081781555b604080513381526020810188905290810186905287907f22d5920f23a064ad12fb52ca94e64fc0d30e77bd7aa7d5c01262b83265208e8a906060015b60405180910390a250505050505050565b5f6111b785856002612efb565b5f8681526020818152604080832033845260088101909252909120549192509065010000000000900460ff16611219576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff1642118061124b575081546e010000000000000000000000000000900463ffffffff16155b611281576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b838110156113be578015806112d1575084846112a0600184614183565b8181106112af576112af6142ec565b905060200201358585838181106112c8576112c86142ec565b90506020020135115b611307576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826004015f86868481811061131e5761131e6142ec565b9050602002013581526020019081526020015f20545f5f1b0361136d576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6113b683600501868684818110611386576113866142ec565b90506020020135600881901c5f90815260209290925260409091208054600160ff9093169290921b919091189055565b600101611283565b5081547fffffffffffff00000000ffffffffffffffffffffffffffffffffffffffffffff1676010000000000000000000000000000000000000000000063ffffffff8516021782556114108183613596565b815460405187917f0d17fc06b425ecf739be440bdae86ccf2555c184be15b30dee46771e39b2d59b9161145d9133918a918a918a9160ff81169161010090910464ffffffffff1690614362565b60405180910390a2505050505050565b5f61147a84846002612efb565b5f8581526020818152604080832033845260080190915290205490915063ffffffff1680158015906114bd575081546601000000000000900463ffffffff168111155b6114f3576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff1642111561153a576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f611546600183614183565b5f81815260048501602052604090205490915015611590576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f8490036115ca576040517f51bda03d00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f818152600484016020526040902084905582547201000000000000000000000000000000000000900463ffffffff16836012611606836143be565b82546101009290920a63ffffffff81810219909316918316021790915584546a010000000000000000000090041682101590508061167e57505f8681526020819052604081206009019061165b600188614183565b815260208082019290925260409081015f90812084825260040190925290205415155b156116c95782546e010000000000000000000000000000900463ffffffff1683600e6116a983614196565b91906101000a81548163ffffffff021916908363ffffffff160217905550505b60408051338152602081018790529081018290526060810185905286907ff957085aa6d70378868c23700be173fd291a295cf9b789da727d91f572e4a0959060800161145d565b5f61171a836134c7565b6002810154909150640100000000900463ffffffff168210611768576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f6117738284613522565b9050600781600881111561178957611789613cbe565b141580156117a9575060088160088111156117a6576117a6613cbe565b14155b6117df576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f83815260098301602052604090208054610100900464ffffffffff164211611834576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600182600881111561184857611848613cbe565b0361185e576118598382600261338b565b61199b565b600282600881111561187257611872613cbe565b03611881576118598382613596565b600382600881111561189557611895613cbe565b036118a4576118598382613622565b60048260088111156118b8576118b8613cbe565b036118c9576118598382600561338b565b60058260088111156118dd576118dd613cbe565b036118ee576118598382600661338b565b8054600160f01b900460ff1661190e57805460ff1916600817815561199b565b805460ff1916600717815560028301805463ffffffff6c010000000000000000000000009091041690600c611942836143be565b91906101000a81548163ffffffff021916908363ffffffff160217905550505f61196b8261366f565b90508061197885836136aa565b61198291906143e2565b846007015f82825461199491906143f9565b9091555050505b805460405186917f290f22863fba070334a7b4e9473606c5bf23ca9608644079e9288b79633889a0916119e4913391899160ff81169161010090910464ffffffffff169061440c565b60405180910390a25050505050565b604051338152819083907f840d56d6081fa4a201be5c97698b23055ee2e65deab7d5845a6ee3053b68bdf89060200160405180910390a35050565b5f611a38826132ef565b335f908152600882016020526040902080549192509063ffffffff1615611a8b576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b60028201547f0100000000000000000000000000000000000000000000000000000000000000900460ff161580611acb57508054640100000000900460ff165b611b01576040517fc9d2a27c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6002820154825463ffffffff918216917c0100000000000000000000000000000000000000000000000000000000909104168110611b6b576040517f4f5eb21600000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b81547fffffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffff168255611b9c816001614274565b82547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff000000001663ffffffff91909116178255611bd7816001614274565b6002840180547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff000000001663ffffffff92831617905560408051338152918316602083015285917fe6bdc0f12606d4aafa5c636276924e5b7a438e7105a576c99b28781aec01dd0691015b60405180910390a250505050565b611c55613ab8565b5f611c5f836134c7565b604080516102a081018252825473ffffffffffffffffffffffffffffffffffffffff8116825263ffffffff74010000000000000000000000000000000000000000820481166020840152780100000000000000000000000000000000000000000000000082048116838501527c0100000000000000000000000000000000000000000000000000000000909104166060820152815160c08101928390529293509160808301916001850190600690825f855b82829054906101000a900463ffffffff1663ffffffff1681526020019060040190602082600301049283019260010382029150808411611d11579050505050918352505060028084015460ff7f0100000000000000000000000000000000000000000000000000000000000000820481161515602085015260058601546040850152600686015460608501526004860154608085015263ffffffff80831660a08601526401000000008304811660c0860152680100000000000000008304811660e08601526c01000000000000000000000000830416610100850152600786015461012085015261014090930192600160f01b9091041690811115611e1857611e18613cbe565b8152600283015463ffffffff700100000000000000000000000000000000820416602083015260039093015473ffffffffffffffffffffffffffffffffffffffff62010000820416604083015264ffffffffff74010000000000000000000000000000000000000000850481166060840152790100000000000000000000000000000000000000000000000000909404909316608082015260ff808416151560a0830152610100909304909216151560c09092019190915292915050565b5f611ee0846134c7565b90505f5b82811015611fa557801580611f3257508383611f01600184614183565b818110611f1057611f106142ec565b90506020020135848483818110611f2957611f296142ec565b90506020020135115b8015611f6757506002820154640100000000900463ffffffff16848483818110611f5e57611f5e6142ec565b90506020020135105b611f9d576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600101611ee4565b50335f90815260088201602052604081205463ffffffff1690808215611fe157611fdc848787611fd487614453565b9650866136e7565b611ff1565b604080515f808252602082019092525b90925090505f61200185876138fa565b90505f61200d866139af565b90505f82801561203b57505f600288810154600160f01b900460ff169081111561203957612039613cbe565b145b801561207e5750865460028801547401000000000000000000000000000000000000000090910463ffffffff9081166c0100000000000000000000000090920416105b905082156120a7578660070154876005015461209a9190614183565b6120a490866143f9565b94505b81156120bf5760068701546120bc90866143f9565b94505b5f85116120f8576040517f797dba5400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b821561210e5760038701805460ff191660011790555b8115612143576003870180547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00ff166101001790555b80156121b75760028701805464ffffffffff421674010000000000000000000000000000000000000000027fff00ffffffffff0000000000ffffffffffffffffffffffffffffffffffffffff909116177e020000000000000000000000000000000000000000000000000000000000001790555b897f4db15e7b2240a6abc864f5ebe13064a0a78664a069ceacb0b1c58670b43674c9338b8b888b8b8a8a8a6040516121f799989796959493929190614495565b60405180910390a26040515f90339087908381818185875af1925050503d805f811461223e576040519150601f19603f3d011682016040523d82523d5f602084013e612243565b606091505b505090508061227e576040517ff499da2000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050505050505050505050565b5f612295846132ef565b805490915073ffffffffffffffffffffffffffffffffffffffff1633146122e8576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b828110156123d1575f826008015f86868581811061230a5761230a6142ec565b905060200201602081019061231f9190614538565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f208054909150640100000000900460ff161580156123665750805463ffffffff16155b61239c576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80547fffffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffff166401000000001790556001016122ea565b50837f7ae9e75841e3d3da3db9a0958b25122cb74cfcea60a2793fe469d45cdbd67a48338585604051611c3f939291906145a4565b5f61241386866006612efb565b5f8781526020818152604080832033845260088101909252909120549192509065010000000000900460ff16612475576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154600160f01b900460ff16156124b8576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff164211156124ff576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b838110156126875780158061254f5750848461251e600184614183565b81811061252d5761252d6142ec565b90506020020135858583818110612546576125466142ec565b90506020020135115b612585576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826004015f86868481811061259c5761259c6142ec565b9050602002013581526020019081526020015f20545f5f1b036125eb576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61262f83600501868684818110612604576126046142ec565b90506020020135600881901c5f90815260209290925260409091205460ff9091161c60019081161490565b15612666576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61267f83600601868684818110611386576113866142ec565b600101612501565b5080547801000000000000000000000000000000000000000000000000900463ffffffff16836126b684613a55565b6126c09190614183565b10156126f8576040517f35c297c200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154600160f01b7fff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffffff9091167a01000000000000000000000000000000000000000000000000000063ffffffff868116919091027fff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff16919091179190911783556003830186905560018084018054337fffffffffffffffffffffffff000000000000000000000000000000000000000082168117835560028601547fffffffffffffffff0000000000000000000000000000000000000000000000009092167fffffffffffffffff00000000ffffffffffffffffffffffffffffffffffffffff909116176801000000000000000090910490931674010000000000000000000000000000000000000000029290921790915561286e9082810190600661283d9190614183565b6006811061284d5761284d6142ec565b600891828204019190066004029054906101000a900463ffffffff16613aa7565b825464ffffffffff91909116610100027fffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000ff90911617825560028101805463ffffffff68010000000000000000909104169060086128ca836143be565b825463ffffffff91821661010093840a90810292021916179091556004830187905583546040518a93507fbae1c366a0260a1f83715c2817d184927167cc7c9960377c702f36df21313caf926111999233928c928c928c928c9264ffffffffff920491909116906145d3565b80355f908152602081905260409020805473ffffffffffffffffffffffffffffffffffffffff1615612994576040517ff47d2b8800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f6129a56060840160408501614647565b63ffffffff161180156129cc57505f6129c46080840160608501614647565b63ffffffff16115b8015612a0257506129e360a0830160808401614647565b63ffffffff166129f96080840160608501614647565b63ffffffff1611155b612a38576040517f0256965f00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b816101e001353414612a76576040517f440f895600000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80547fffffffffffffffffffffffff00000000000000000000000000000000000000001633178155612aae6060830160408401614647565b815463ffffffff9190911674010000000000000000000000000000000000000000027fffffffffffffffff00000000ffffffffffffffffffffffffffffffffffffffff909116178155612b076080830160608401614647565b815463ffffffff919091167801000000000000000000000000000000000000000000000000027fffffffff00000000ffffffffffffffffffffffffffffffffffffffffffffffff909116178155612b6460a0830160808401614647565b815463ffffffff919091167c0100000000000000000000000000000000000000000000000000000000027bffffffffffffffffffffffffffffffffffffffffffffffffffffffff90911617815560018101612bc260c0840182614662565b50612bd360c0830160a084016146be565b600282018054602085013560048501556101e0850135600585015561020085013560068501557eff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffff167f0100000000000000000000000000000000000000000000000000000000000000921515929092027fffff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffff16919091177901000000000000000000000000000000000000000000000000004364ffffffffff16021790555f5b612c9f6101808401846146d7565b9050811015612d46576001600883015f612cbd6101808701876146d7565b85818110612ccd57612ccd6142ec565b9050602002016020810190612ce29190614538565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f20805491151565010000000000027fffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffff909216919091179055600101612c91565b505f5b612d576101a08401846146d7565b9050811015612dff576001600883015f612d756101a08701876146d7565b85818110612d8557612d856142ec565b9050602002016020810190612d9a9190614538565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f2080549115156601000000000000027fffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffff909216919091179055600101612d49565b505f5b612e106101c08401846146d7565b9050811015612eb9576001600883015f612e2e6101c08701876146d7565b85818110612e3e57612e3e6142ec565b9050602002016020810190612e539190614538565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f208054911515670100000000000000027fffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffff909216919091179055600101612e02565b50815f01357f5bf84d6993626f28c9d2da77240baf6fc65c40278d3ad94760e44e1e7690b4063384604051612eef9291906147d0565b60405180910390a25050565b5f8381526020818152604080832085845260090190915290206006826008811115612f2857612f28613cbe565b1480612f5a5750816008811115612f4157612f41613cbe565b815460ff166008811115612f5757612f57613cbe565b14155b15613018575f612f69856132ef565b6002810154909150640100000000900463ffffffff168410612fb7576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826008811115612fc957612fc9613cbe565b825460ff166008811115612fdf57612fdf613cbe565b14613016576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b505b9392505050565b5f60418214158061306557507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a061305a604060208587614947565b6130639161496e565b115b1561307157505f6132e6565b604080517fb03948446334eb9b2196d5eb166f69b9d49403eb4a12f36de8d3f9f3cb8e15c360208201527f7b649d6f7a1a127cb0fa3f4c63ffab7b3b97997a673a87c6711d68b0e68ad089918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608201525f90608001604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe081840301815282825280516020918201207f8b04360b50c293cb6a809e9339ac6b80fbe4dc23642ee578da3f6b8f1a13bb5b918401919091529082018990526060820188905290608001604051602081830303815290604052805190602001206040516020016131b59291907f190100000000000000000000000000000000000000000000000000000000000081526002810192909252602282015260420190565b6040516020818303038152906040528051906020012090505f600182868660408181106131e4576131e46142ec565b919091013560f81c90506131fb60205f898b614947565b6132049161496e565b613212604060208a8c614947565b61321b9161496e565b604080515f8152602081018083529590955260ff909316928401929092526060830152608082015260a0016020604051602081039080840390855afa158015613266573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0015191505073ffffffffffffffffffffffffffffffffffffffff8116158015906132e157508573ffffffffffffffffffffffffffffffffffffffff168173ffffffffffffffffffffffffffffffffffffffff16145b925050505b95945050505050565b5f6132f9826134c7565b90505f600282810154600160f01b900460ff169081111561331c5761331c613cbe565b14613353576040517ff15447bf00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b919050565b80545f90600160f01b900460ff168061055a57506008825460ff16600881111561338457613384613cbe565b1492915050565b5f8360010160018360088111156133a4576133a4613cbe565b6133ae9190614183565b600681106133be576133be6142ec565b600891828204019190066004029054906101000a900463ffffffff1690508063ffffffff165f0361345e5760018260088111156133fd576133fd613cbe565b036134145761340e8484600261338b565b50505050565b600482600881111561342857613428613cbe565b036134395761340e8484600561338b565b600582600881111561344d5761344d613cbe565b0361345e5761340e8484600661338b565b82548290849060ff1916600183600881111561347c5761347c613cbe565b021790555061348a81613aa7565b835464ffffffffff91909116610100027fffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000ff90911617909255505050565b5f818152602081905260409020805473ffffffffffffffffffffffffffffffffffffffff16613353576040517f80ce53f200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f6001600284810154600160f01b900460ff169081111561354557613545613cbe565b14801561357057506002830154700100000000000000000000000000000000900463ffffffff168210155b1561357d5750600861055a565b505f908152600991909101602052604090205460ff1690565b8054760100000000000000000000000000000000000000000000900463ffffffff161580159061360757505f6001838101906135d3906003614183565b600681106135e3576135e36142ec565b600891828204019190066004029054906101000a900463ffffffff1663ffffffff16115b1561361c576136188282600361338b565b5050565b61361882825b81547801000000000000000000000000000000000000000000000000900463ffffffff1661364f82613a55565b101561366357805460ff1916600817905550565b6136188282600461338b565b80545f907a010000000000000000000000000000000000000000000000000000900463ffffffff166136a083613a55565b61055a9190614183565b815460058301545f9183916136dd9174010000000000000000000000000000000000000000900463ffffffff169061498b565b613018919061498b565b5f60608367ffffffffffffffff81111561370357613703614468565b60405190808252806020026020018201604052801561372c578160200160208202803683370190505b5090505f5f5b858110156138ec575f886009015f898985818110613752576137526142ec565b9050602002013581526020019081526020015f2090506007600881111561377b5761377b613cbe565b61379d8a8a8a86818110613791576137916142ec565b90506020020135613522565b60088111156137ae576137ae613cbe565b1415806137d75750600886901c5f90815260078201602052604090205460ff87161c6001908116145b156137e257506138e4565b5f868152600482016020526040902054158061381a5750600886901c5f90815260058201602052604090205460ff87161c6001908116145b1561382557506138e4565b600886901c5f90815260068201602052604090205460ff87161c60019081160361384f57506138e4565b5f6138628a61385d8461366f565b6136aa565b9050805f036138725750506138e4565b600887901c5f90815260078301602052604090208054600160ff8a161b18905561389c81876143f9565b95508888848181106138b0576138b06142ec565b905060200201358585806138c3906149c3565b9650815181106138d5576138d56142ec565b60200260200101818152505050505b600101613732565b508082525094509492505050565b81545f9073ffffffffffffffffffffffffffffffffffffffff1633148015613920575081155b80156139315750600383015460ff16155b8015613965575060028301546c01000000000000000000000000810463ffffffff9081166801000000000000000090920416145b801561301857506002830154640100000000900463ffffffff1615806130185750613018836009015f60018660020160049054906101000a900463ffffffff166109649190614258565b5f6001600283810154600160f01b900460ff16908111156139d2576139d2613cbe565b1480156139fe5750600382015462010000900473ffffffffffffffffffffffffffffffffffffffff1633145b8015613a1457506003820154610100900460ff16155b801561055a57506002820154613a4d90620151809074010000000000000000000000000000000000000000900464ffffffffff166143f9565b421192915050565b80545f90613a9b9063ffffffff76010000000000000000000000000000000000000000000082048116917201000000000000000000000000000000000000900416614258565b63ffffffff1692915050565b5f61055a63ffffffff8316426143f9565b604080516102a0810182525f80825260208201819052918101829052606081019190915260808101613ae8613b66565b81525f6020820181905260408201819052606082018190526080820181905260a0820181905260c0820181905260e08201819052610100820181905261012082018190526101408201819052610160820181905261018082018190526101a082018190526101c082018190526101e082018190526102009091015290565b6040518060c001604052806006906020820280368337509192915050565b803573ffffffffffffffffffffffffffffffffffffffff81168114613353575f5ffd5b5f5f60408385031215613bb8575f5ffd5b82359150613bc860208401613b84565b90509250929050565b5f5f5f5f5f5f5f60c0888a031215613be7575f5ffd5b87359650602088013595506040880135945060608801359350613c0c60808901613b84565b925060a088013567ffffffffffffffff811115613c27575f5ffd5b8801601f81018a13613c37575f5ffd5b803567ffffffffffffffff811115613c4d575f5ffd5b8a6020828401011115613c5e575f5ffd5b602082019350809250505092959891949750929550565b5f5f5f60608486031215613c87575f5ffd5b505081359360208301359350604090920135919050565b5f5f60408385031215613caf575f5ffd5b50508035926020909101359150565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b60098110613cfb57613cfb613cbe565b9052565b5f61016082019050613d12828451613ceb565b6020830151613d2a602084018264ffffffffff169052565b506040830151613d42604084018263ffffffff169052565b50606083015160608301526080830151613d64608084018263ffffffff169052565b5060a0830151613d7c60a084018263ffffffff169052565b5060c0830151613d9460c084018263ffffffff169052565b5060e0830151613dac60e084018263ffffffff169052565b50610100830151613dc261010084018215159052565b50610120830151610120830152610140830151613df861014084018273ffffffffffffffffffffffffffffffffffffffff169052565b5092915050565b5f60208284031215613e0f575f5ffd5b5035919050565b5f5f83601f840112613e26575f5ffd5b50813567ffffffffffffffff811115613e3d575f5ffd5b6020830191508360208260051b8501011115613e57575f5ffd5b9250929050565b5f5f5f5f60608587031215613e71575f5ffd5b8435935060208501359250604085013567ffffffffffffffff811115613e95575f5ffd5b613ea187828801613e16565b95989497509550505050565b805f5b600681101561340e57815163ffffffff16845260209384019390910190600101613eb0565b60038110613cfb57613cfb613cbe565b815173ffffffffffffffffffffffffffffffffffffffff16815261034081016020830151613f1b602084018263ffffffff169052565b506040830151613f33604084018263ffffffff169052565b506060830151613f4b606084018263ffffffff169052565b506080830151613f5e6080840182613ead565b5060a08301518015156101408401525060c083015161016083015260e08301516101808301526101008301516101a083015261012083015163ffffffff81166101c08401525061014083015163ffffffff81166101e08401525061016083015163ffffffff81166102008401525061018083015163ffffffff8116610220840152506101a08301516102408301526101c0830151614000610260840182613ed5565b506101e083015163ffffffff166102808381019190915261020084015173ffffffffffffffffffffffffffffffffffffffff166102a084015261022084015164ffffffffff9081166102c0850152610240850151166102e08401526102608401511515610300840152830151801515610320840152613df8565b5f5f5f6040848603121561408c575f5ffd5b83359250602084013567ffffffffffffffff8111156140a9575f5ffd5b6140b586828701613e16565b9497909650939450505050565b5f5f5f5f5f608086880312156140d6575f5ffd5b853594506020860135935060408601359250606086013567ffffffffffffffff811115614101575f5ffd5b61410d88828901613e16565b969995985093965092949392505050565b5f6020828403121561412e575f5ffd5b813567ffffffffffffffff811115614144575f5ffd5b82016102208185031215613018575f5ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b8181038181111561055a5761055a614156565b5f63ffffffff8216806141ab576141ab614156565b5f190192915050565b73ffffffffffffffffffffffffffffffffffffffff8916815287602082015286604082015285606082015284608082015273ffffffffffffffffffffffffffffffffffffffff841660a082015260e060c08201528160e082015281836101008301375f81830161010090810191909152601f9092017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0160101979650505050505050565b63ffffffff828116828216039081111561055a5761055a614156565b63ffffffff818116838216019081111561055a5761055a614156565b73ffffffffffffffffffffffffffffffffffffffff87168152602081018690526040810185905263ffffffff8416606082015260c081016142d46080830185613ceb565b64ffffffffff831660a0830152979650505050505050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b8183525f7f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff831115614349575f5ffd5b8260051b80836020870137939093016020019392505050565b73ffffffffffffffffffffffffffffffffffffffff8716815285602082015260a060408201525f61439760a083018688614319565b90506143a66060830185613ceb565b64ffffffffff83166080830152979650505050505050565b5f63ffffffff821663ffffffff81036143d9576143d9614156565b60010192915050565b808202811582820484141761055a5761055a614156565b8082018082111561055a5761055a614156565b73ffffffffffffffffffffffffffffffffffffffff85168152602081018490526080810161443d6040830185613ceb565b64ffffffffff8316606083015295945050505050565b5f8161446157614461614156565b505f190190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff8a16815261010060208201525f6144c661010083018a8c614319565b828103604084015288518082526020808b019201905f5b818110156144fb5783518352602093840193909201916001016144dd565b5050809250505086606083015285608083015261451c60a083018615159052565b92151560c082015290151560e090910152979650505050505050565b5f60208284031215614548575f5ffd5b61301882613b84565b8183526020830192505f815f5b8481101561459a5773ffffffffffffffffffffffffffffffffffffffff61458483613b84565b168652602095860195919091019060010161455e565b5093949350505050565b73ffffffffffffffffffffffffffffffffffffffff84168152604060208201525f6132e6604083018486614551565b73ffffffffffffffffffffffffffffffffffffffff8716815285602082015284604082015260a060608201525f61460e60a083018587614319565b905064ffffffffff83166080830152979650505050505050565b63ffffffff81168114614639575f5ffd5b50565b803561335381614628565b5f60208284031215614657575f5ffd5b813561301881614628565b815f805b60068110156146a7575f833561467b81614628565b6020949094019363ffffffff600584901b81811b1995909516911690931b929092179150600101614666565b509091555050565b80358015158114613353575f5ffd5b5f602082840312156146ce575f5ffd5b613018826146af565b5f5f83357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe184360301811261470a575f5ffd5b83018035915067ffffffffffffffff821115614724575f5ffd5b6020019150600581901b3603821315613e57575f5ffd5b805f5b600681101561340e57813561475281614628565b63ffffffff168452602093840193919091019060010161473e565b5f5f83357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18436030181126147a0575f5ffd5b830160208101925035905067ffffffffffffffff8111156147bf575f5ffd5b8060051b3603821315613e57575f5ffd5b73ffffffffffffffffffffffffffffffffffffffff831681526040602080830182905283358284015283013560608301525f9061480e90840161463c565b63ffffffff1660808301526148256060840161463c565b63ffffffff1660a083015261483c6080840161463c565b63ffffffff1660c083015261485360a084016146af565b151560e083015261486b610100830160c0850161473b565b61487961018084018461476d565b6102206101c085015261489161026085018284614551565b9150506148a26101a085018561476d565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0858403016101e08601526148d8838284614551565b925050506148ea6101c085018561476d565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc085840301610200860152614920838284614551565b6101e087013561022087015261020090960135610240909501949094525092949350505050565b5f5f85851115614955575f5ffd5b83861115614961575f5ffd5b5050820193919092039150565b8035602083101561055a575f19602084900360031b1b1692915050565b5f826149be577f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b500490565b5f5f1982036149d4576149d4614156565b506001019056';
