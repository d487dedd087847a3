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
export const nonetBytecode = '0x60a0604052436080523480156012575f5ffd5b50608051614adf61002b5f395f6103420152614adf5ff3fe608060405260043610610123575f3560e01c8063940555f8116100a1578063affe000e11610071578063c5840ab811610057578063c5840ab81461044a578063d98a338814610469578063fa7e581514610488575f5ffd5b8063affe000e146103ff578063c34f926f1461042b575f5ffd5b8063940555f8146103835780639afcdb5f146103a2578063a21f3c6a146103c1578063ad677d0b146103e0575f5ffd5b80633a7d8d78116100f65780634095e88f116100dc5780634095e88f1461027d578063740a89fe1461033157806374e97dea14610364575f5ffd5b80633a7d8d781461020a5780633d21184d1461021d575f5ffd5b8063125571441461012757806316ab00751461019e57806332effa41146101bf578063352b4d49146101de575b5f5ffd5b348015610132575f5ffd5b50610146610141366004613cab565b61049b565b60405161019591905f60a08201905063ffffffff835116825260208301511515602083015260408301511515604083015260608301511515606083015260808301511515608083015292915050565b60405180910390f35b3480156101a9575f5ffd5b506101bd6101b8366004613cd5565b610560565b005b3480156101ca575f5ffd5b506101bd6101d9366004613d79565b610809565b3480156101e9575f5ffd5b506101fd6101f8366004613da2565b610cbd565b6040516101959190613e03565b6101bd610218366004613d79565b610e54565b348015610228575f5ffd5b5061026f610237366004613f03565b5f90815260208190526040902060010154790100000000000000000000000000000000000000000000000000900464ffffffffff1690565b604051908152602001610195565b348015610288575f5ffd5b50610309610297366004613d79565b5f928352602083815260408085209385526009909301815282842082855260048101825283852054600884901c8652600582018352848620546006830184528587205460079093019093529390942054929460ff90921690811c6001908116811494821c811681149390911c81161490565b6040805194855292151560208501529015159183019190915215156060820152608001610195565b34801561033c575f5ffd5b5061026f7f000000000000000000000000000000000000000000000000000000000000000081565b34801561036f575f5ffd5b506101bd61037e366004613f62565b6111bd565b34801561038e575f5ffd5b506101bd61039d366004613d79565b611480565b3480156103ad575f5ffd5b506101bd6103bc366004613da2565b611723565b3480156103cc575f5ffd5b506101bd6103db366004613da2565b611a42565b3480156103eb575f5ffd5b506101bd6103fa366004613f03565b611a7d565b34801561040a575f5ffd5b5061041e610419366004613f03565b611c9c565b6040516101959190613fe9565b348015610436575f5ffd5b506101bd61044536600461417e565b611f34565b348015610455575f5ffd5b506101bd61046436600461417e565b61232f565b348015610474575f5ffd5b506101bd6104833660046141c6565b6124aa565b6101bd610496366004614222565b6129da565b6040805160a0810182525f80825260208201819052918101829052606081018290526080810191909152505f8281526020818152604080832073ffffffffffffffffffffffffffffffffffffffff85168452600801825291829020825160a081018452905463ffffffff8116825260ff6401000000008204811615159383019390935265010000000000810483161515938201939093526601000000000000830482161515606082015267010000000000000090920416151560808201525b92915050565b5f61056d88886003612f9f565b5f8981526020818152604080832033845260088101909252909120549192509063ffffffff1680158015906105d257506105d2600584016105af600184614287565b600881901c5f908152602092909252604090912054600160ff9092161c81161490565b610608576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254610100900464ffffffffff1642111561064f576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600483015f61065f600184614287565b81526020019081526020015f205488146106a5576040517fadf785e800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b73ffffffffffffffffffffffffffffffffffffffff86165f908152600883016020526040902054670100000000000000900460ff1680156106ee57506106ee88888888886130c3565b610724576040517fadf785e800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61075e60058401610736600184614287565b600881901c5f90815260209290925260409091208054600160ff9093169290921b9091189055565b8254760100000000000000000000000000000000000000000000900463ffffffff1683601661078c8361429a565b91906101000a81548163ffffffff021916908363ffffffff16021790555050897f3775094a954ee95897de33455ccda44fdb4524ac34160007d22590f7a8e0c5d4338b6001856107dc9190614287565b8c8c8c8c8c6040516107f59897969594939291906142b8565b60405180910390a250505050505050505050565b5f61081384613393565b805490915073ffffffffffffffffffffffffffffffffffffffff163314806108545750335f90815260088201602052604090205465010000000000900460ff165b61088a576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001810154640100000000900463ffffffff168381146108d6576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b815460018301547401000000000000000000000000000000000000000090910463ffffffff908116680100000000000000009092041610610943576040517f38527bf800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b63ffffffff8116158061097c575061097c600983015f61096460018561435c565b63ffffffff1681526020019081526020015f206133fc565b6109b2576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001820154825463ffffffff91821691780100000000000000000000000000000000000000000000000090910416811015610a19576040517f35c297c200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82600401548414610a56576040517f5459a43900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b610a61826001614378565b6001840180547fffffffffffffffffffffffffffffffffffffffffffffffff00000000ffffffff1664010000000063ffffffff938416021790555f868152600985016020526040812080547fffffffffffffffffffffffffffffffffffffffffffff00000000ffffffffffff16660100000000000085851602178155600281018790559184161580610b2f5750600985015f610afe60018761435c565b63ffffffff908116825260208201929092526040015f20547201000000000000000000000000000000000000900416155b610b6b57600985015f610b4360018761435c565b63ffffffff908116825260208201929092526040015f20546601000000000000900416610b6d565b5f5b82547fffffffffffffffffffffffffffffffffffff00000000ffffffffffffffffffff166a010000000000000000000063ffffffff831690810291909117845590915015610bf957600985015f610bc560018761435c565b63ffffffff908116825260208201929092526040015f20547201000000000000000000000000000000000000900416610bfb565b5f5b610c05828561435c565b610c0f9190614378565b825463ffffffff919091166e010000000000000000000000000000027fffffffffffffffffffffffffffff00000000ffffffffffffffffffffffffffff909116178255610c5e8583600161342f565b815460405189917fbd31003e9691806526e14f9c5b8aa069cbbd56de686d2e6a9d8640ea2989430f91610cab9133918c918c918a9160ff81169161010090910464ffffffffff1690614394565b60405180910390a25050505050505050565b60408051610160810182525f80825260208201819052918101829052606081018290526080810182905260a0810182905260c0810182905260e0810182905261010081018290526101208101829052610140810182905290610d1e84613589565b5f848152600982016020526040908190208151610160810190925291925080610d4784876135e4565b6008811115610d5857610d58613dc2565b8152825461010080820464ffffffffff1660208401526601000000000000820463ffffffff90811660408501526002860154606085015272010000000000000000000000000000000000008304811660808501526e0100000000000000000000000000008304811660a08501527601000000000000000000000000000000000000000000008304811660c08501527a01000000000000000000000000000000000000000000000000000083041660e0840152600160f01b90910460ff16151590820152600383015461012082015260019092015473ffffffffffffffffffffffffffffffffffffffff1661014090920191909152949350505050565b5f610e6184846006612f9f565b5f85815260208181526040808320338452600881019092529091208054929350909163ffffffff1615801590610ead57508254815463ffffffff66010000000000009092048216911611155b80610ec3575080546601000000000000900460ff165b610ef9576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254600160f01b900460ff16610f3b576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8254610100900464ffffffffff16421115610f82576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82600301548403610fbf576040517f5459a43900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b81600601543414610ffc576040517f501c2aaf00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600182810180546002850180547fffffffffffffffffffffffff0000000000000000000000000000000000000000163317905564ffffffffff4216740100000000000000000000000000000000000000009081027fffffffffffffff0000000000ffffffffffffffffffffffffffffffffffffffff63ffffffff8b811670010000000000000000000000000000000002919091167fff00ffffffffff000000000000000000ffffffffffffffffffffffffffffffff9094169390931717600160f01b1780845587850154680100000000000000009290048316919091027fffffffffffffffffffffffffffffffffffffffff00000000ffffffffffffffff90911617918290555f926009860192849261111e929164010000000090041661435c565b63ffffffff16815260208101919091526040015f208054909150600160f01b900460ff166111705780547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660081781555b604080513381526020810188905290810186905287907f22d5920f23a064ad12fb52ca94e64fc0d30e77bd7aa7d5c01262b83265208e8a906060015b60405180910390a250505050505050565b5f6111ca85856002612f9f565b5f8681526020818152604080832033845260088101909252909120549192509065010000000000900460ff1661122c576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff1642118061125e575081546e010000000000000000000000000000900463ffffffff16155b611294576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b838110156113d1578015806112e4575084846112b3600184614287565b8181106112c2576112c26143f0565b905060200201358585838181106112db576112db6143f0565b90506020020135115b61131a576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826004015f868684818110611331576113316143f0565b9050602002013581526020019081526020015f20545f5f1b03611380576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6113c983600501868684818110611399576113996143f0565b90506020020135600881901c5f90815260209290925260409091208054600160ff9093169290921b919091189055565b600101611296565b5081547fffffffffffff00000000ffffffffffffffffffffffffffffffffffffffffffff1676010000000000000000000000000000000000000000000063ffffffff8516021782556114238183613657565b815460405187917f0d17fc06b425ecf739be440bdae86ccf2555c184be15b30dee46771e39b2d59b916114709133918a918a918a9160ff81169161010090910464ffffffffff1690614466565b60405180910390a2505050505050565b5f61148d84846002612f9f565b5f8581526020818152604080832033845260080190915290205490915063ffffffff1680158015906114d0575081546601000000000000900463ffffffff168111155b611506576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff1642111561154d576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f611559600183614287565b5f818152600485016020526040902054909150156115a3576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f8490036115dd576040517f51bda03d00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f818152600484016020526040902084905582547201000000000000000000000000000000000000900463ffffffff16836012611619836144c2565b82546101009290920a63ffffffff81810219909316918316021790915584546a010000000000000000000090041682101590508061169157505f8681526020819052604081206009019061166e600188614287565b815260208082019290925260409081015f90812084825260040190925290205415155b156116dc5782546e010000000000000000000000000000900463ffffffff1683600e6116bc8361429a565b91906101000a81548163ffffffff021916908363ffffffff160217905550505b60408051338152602081018790529081018290526060810185905286907ff957085aa6d70378868c23700be173fd291a295cf9b789da727d91f572e4a09590608001611470565b5f61172d83613589565b6001810154909150640100000000900463ffffffff16821061177b576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f61178682846135e4565b9050600781600881111561179c5761179c613dc2565b141580156117bc575060088160088111156117b9576117b9613dc2565b14155b6117f2576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f83815260098301602052604090208054610100900464ffffffffff164211611847576040517f085de62500000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600182600881111561185b5761185b613dc2565b036118715761186c8382600261342f565b6119ea565b600282600881111561188557611885613dc2565b036118945761186c8382613657565b60038260088111156118a8576118a8613dc2565b036118b75761186c83826136e4565b60048260088111156118cb576118cb613dc2565b036118dc5761186c8382600561342f565b60058260088111156118f0576118f0613dc2565b036119015761186c8382600661342f565b8054600160f01b900460ff1661193f5780547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff001660081781556119ea565b80547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600717815560018301805463ffffffff6c010000000000000000000000009091041690600c611991836144c2565b91906101000a81548163ffffffff021916908363ffffffff160217905550505f6119ba8261374f565b9050806119c7858361378a565b6119d191906144e6565b846007015f8282546119e391906144fd565b9091555050505b805460405186917f290f22863fba070334a7b4e9473606c5bf23ca9608644079e9288b79633889a091611a33913391899160ff81169161010090910464ffffffffff1690614510565b60405180910390a25050505050565b604051338152819083907f840d56d6081fa4a201be5c97698b23055ee2e65deab7d5845a6ee3053b68bdf89060200160405180910390a35050565b5f611a8782613393565b335f908152600882016020526040902080549192509063ffffffff1615611ada576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b60018201547f0100000000000000000000000000000000000000000000000000000000000000900460ff161580611b1a57508054640100000000900460ff165b611b50576040517fc9d2a27c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6001820154825463ffffffff918216917c0100000000000000000000000000000000000000000000000000000000909104168110611bba576040517f4f5eb21600000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b81547fffffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffff168255611beb816001614378565b82547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff000000001663ffffffff91909116178255611c26816001614378565b6001840180547fffffffffffffffffffffffffffffffffffffffffffffffffffffffff000000001663ffffffff92831617905560408051338152918316602083015285917fe6bdc0f12606d4aafa5c636276924e5b7a438e7105a576c99b28781aec01dd0691015b60405180910390a250505050565b611ca4613bbc565b5f611cae83613589565b604080516102a081018252825473ffffffffffffffffffffffffffffffffffffffff8116825263ffffffff74010000000000000000000000000000000000000000820481166020840152780100000000000000000000000000000000000000000000000082048116838501527c0100000000000000000000000000000000000000000000000000000000909104166060820152815160c08101928390529293509160808301916003850190600690825f855b82829054906101000a900463ffffffff1663ffffffff1681526020019060040190602082600301049283019260010382029150808411611d605790505050509183525050600183015460ff7f0100000000000000000000000000000000000000000000000000000000000000820481161515602084015260058501546040840152600685015460608401526004850154608084015263ffffffff80831660a08501526401000000008304811660c0850152680100000000000000008304811660e08501526c01000000000000000000000000830416610100840152600785015461012084015261014090920191600160f01b909104166002811115611e6757611e67613dc2565b8152600183015463ffffffff700100000000000000000000000000000000820416602083015260029093015473ffffffffffffffffffffffffffffffffffffffff8116604083015264ffffffffff740100000000000000000000000000000000000000008086048216606085015279010000000000000000000000000000000000000000000000000090950416608083015260ff9381048416151560a083015275010000000000000000000000000000000000000000009004909216151560c09092019190915292915050565b5f611f3e84613589565b90505f5b8281101561200357801580611f9057508383611f5f600184614287565b818110611f6e57611f6e6143f0565b90506020020135848483818110611f8757611f876143f0565b90506020020135115b8015611fc557506001820154640100000000900463ffffffff16848483818110611fbc57611fbc6143f0565b90506020020135105b611ffb576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b600101611f42565b50335f90815260088201602052604081205463ffffffff169080821561203f5761203a84878761203287614557565b9650866137c7565b61204f565b604080515f808252602082019092525b90925090505f61205f85876139da565b90505f61206b86613aa6565b90505f82801561209957505f6001880154600160f01b900460ff16600281111561209757612097613dc2565b145b80156120dc5750865460018801547401000000000000000000000000000000000000000090910463ffffffff9081166c0100000000000000000000000090920416105b9050821561210557866007015487600501546120f89190614287565b61210290866144fd565b94505b811561211d57600687015461211a90866144fd565b94505b5f8511612156576040517f797dba5400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b821561219e576002870180547fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff16740100000000000000000000000000000000000000001790555b81156121e7576002870180547fffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffffff1675010000000000000000000000000000000000000000001790555b801561225b5760018701805464ffffffffff421674010000000000000000000000000000000000000000027fff00ffffffffff0000000000ffffffffffffffffffffffffffffffffffffffff909116177e020000000000000000000000000000000000000000000000000000000000001790555b897f4db15e7b2240a6abc864f5ebe13064a0a78664a069ceacb0b1c58670b43674c9338b8b888b8b8a8a8a60405161229b99989796959493929190614599565b60405180910390a26040515f90339087908381818185875af1925050503d805f81146122e2576040519150601f19603f3d011682016040523d82523d5f602084013e6122e7565b606091505b5050905080612322576040517ff499da2000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050505050505050505050565b5f61233984613393565b805490915073ffffffffffffffffffffffffffffffffffffffff16331461238c576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b82811015612475575f826008015f8686858181106123ae576123ae6143f0565b90506020020160208101906123c3919061463c565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f208054909150640100000000900460ff1615801561240a5750805463ffffffff16155b612440576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80547fffffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffff1664010000000017905560010161238e565b50837f7ae9e75841e3d3da3db9a0958b25122cb74cfcea60a2793fe469d45cdbd67a48338585604051611c8e939291906146a8565b5f6124b786866006612f9f565b5f8781526020818152604080832033845260088101909252909120549192509065010000000000900460ff16612519576040517f7669999000000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154600160f01b900460ff161561255c576040517f072f46d700000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154610100900464ffffffffff164211156125a3576040517fecdd1c2900000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5b8381101561272b578015806125f3575084846125c2600184614287565b8181106125d1576125d16143f0565b905060200201358585838181106125ea576125ea6143f0565b90506020020135115b612629576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b826004015f868684818110612640576126406143f0565b9050602002013581526020019081526020015f20545f5f1b0361268f576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6126d3836005018686848181106126a8576126a86143f0565b90506020020135600881901c5f90815260209290925260409091205460ff9091161c60019081161490565b1561270a576040517f3f7fba4c00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61272383600601868684818110611399576113996143f0565b6001016125a5565b5080547801000000000000000000000000000000000000000000000000900463ffffffff168361275a84613b59565b6127649190614287565b101561279c576040517f35c297c200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8154600160f01b7fff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffffff9091167a01000000000000000000000000000000000000000000000000000063ffffffff868116919091027fff00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1691909117919091178355600380840187905560018085018054337fffffffffffffffffffffffff0000000000000000000000000000000000000000821681178355868401547fffffffffffffffff0000000000000000000000000000000000000000000000009092167fffffffffffffffff00000000ffffffffffffffffffffffffffffffffffffffff9091161768010000000000000000909104909416740100000000000000000000000000000000000000000293909317909255612912919083019060066128e19190614287565b600681106128f1576128f16143f0565b600891828204019190066004029054906101000a900463ffffffff16613bab565b825464ffffffffff91909116610100027fffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000ff90911617825560018101805463ffffffff680100000000000000009091041690600861296e836144c2565b825463ffffffff91821661010093840a90810292021916179091556004830187905583546040518a93507fbae1c366a0260a1f83715c2817d184927167cc7c9960377c702f36df21313caf926111ac9233928c928c928c928c9264ffffffffff920491909116906146d7565b80355f908152602081905260409020805473ffffffffffffffffffffffffffffffffffffffff1615612a38576040517ff47d2b8800000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f612a49606084016040850161474b565b63ffffffff16118015612a7057505f612a68608084016060850161474b565b63ffffffff16115b8015612aa65750612a8760a083016080840161474b565b63ffffffff16612a9d608084016060850161474b565b63ffffffff1611155b612adc576040517f0256965f00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b816101e001353414612b1a576040517f440f895600000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80547fffffffffffffffffffffffff00000000000000000000000000000000000000001633178155612b52606083016040840161474b565b815463ffffffff9190911674010000000000000000000000000000000000000000027fffffffffffffffff00000000ffffffffffffffffffffffffffffffffffffffff909116178155612bab608083016060840161474b565b815463ffffffff919091167801000000000000000000000000000000000000000000000000027fffffffff00000000ffffffffffffffffffffffffffffffffffffffffffffffff909116178155612c0860a083016080840161474b565b815463ffffffff919091167c0100000000000000000000000000000000000000000000000000000000027bffffffffffffffffffffffffffffffffffffffffffffffffffffffff90911617815560038101612c6660c0840182614766565b50612c7760c0830160a084016147c2565b600182018054602085013560048501556101e0850135600585015561020085013560068501557eff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffff167f0100000000000000000000000000000000000000000000000000000000000000921515929092027fffff0000000000ffffffffffffffffffffffffffffffffffffffffffffffffff16919091177901000000000000000000000000000000000000000000000000004364ffffffffff16021790555f5b612d436101808401846147db565b9050811015612dea576001600883015f612d616101808701876147db565b85818110612d7157612d716143f0565b9050602002016020810190612d86919061463c565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f20805491151565010000000000027fffffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffff909216919091179055600101612d35565b505f5b612dfb6101a08401846147db565b9050811015612ea3576001600883015f612e196101a08701876147db565b85818110612e2957612e296143f0565b9050602002016020810190612e3e919061463c565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f2080549115156601000000000000027fffffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffff909216919091179055600101612ded565b505f5b612eb46101c08401846147db565b9050811015612f5d576001600883015f612ed26101c08701876147db565b85818110612ee257612ee26143f0565b9050602002016020810190612ef7919061463c565b73ffffffffffffffffffffffffffffffffffffffff16815260208101919091526040015f208054911515670100000000000000027fffffffffffffffffffffffffffffffffffffffffffffffff00ffffffffffffff909216919091179055600101612ea6565b50815f01357f5bf84d6993626f28c9d2da77240baf6fc65c40278d3ad94760e44e1e7690b4063384604051612f939291906148d4565b60405180910390a25050565b5f8381526020818152604080832085845260090190915290206006826008811115612fcc57612fcc613dc2565b1480612ffe5750816008811115612fe557612fe5613dc2565b815460ff166008811115612ffb57612ffb613dc2565b14155b156130bc575f61300d85613393565b6001810154909150640100000000900463ffffffff16841061305b576040517fc3fa705400000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82600881111561306d5761306d613dc2565b825460ff16600881111561308357613083613dc2565b146130ba576040517fe2586bcc00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b505b9392505050565b5f60418214158061310957507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a06130fe604060208587614a4b565b61310791614a72565b115b1561311557505f61338a565b604080517fb03948446334eb9b2196d5eb166f69b9d49403eb4a12f36de8d3f9f3cb8e15c360208201527f7b649d6f7a1a127cb0fa3f4c63ffab7b3b97997a673a87c6711d68b0e68ad089918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608201525f90608001604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe081840301815282825280516020918201207f8b04360b50c293cb6a809e9339ac6b80fbe4dc23642ee578da3f6b8f1a13bb5b918401919091529082018990526060820188905290608001604051602081830303815290604052805190602001206040516020016132599291907f190100000000000000000000000000000000000000000000000000000000000081526002810192909252602282015260420190565b6040516020818303038152906040528051906020012090505f60018286866040818110613288576132886143f0565b919091013560f81c905061329f60205f898b614a4b565b6132a891614a72565b6132b6604060208a8c614a4b565b6132bf91614a72565b604080515f8152602081018083529590955260ff909316928401929092526060830152608082015260a0016020604051602081039080840390855afa15801561330a573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0015191505073ffffffffffffffffffffffffffffffffffffffff81161580159061338557508573ffffffffffffffffffffffffffffffffffffffff168173ffffffffffffffffffffffffffffffffffffffff16145b925050505b95945050505050565b5f61339d82613589565b90505f6001820154600160f01b900460ff1660028111156133c0576133c0613dc2565b146133f7576040517ff15447bf00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b919050565b80545f90600160f01b900460ff168061055a57506008825460ff16600881111561342857613428613dc2565b1492915050565b5f83600301600183600881111561344857613448613dc2565b6134529190614287565b60068110613462576134626143f0565b600891828204019190066004029054906101000a900463ffffffff1690508063ffffffff165f036135025760018260088111156134a1576134a1613dc2565b036134b8576134b28484600261342f565b50505050565b60048260088111156134cc576134cc613dc2565b036134dd576134b28484600561342f565b60058260088111156134f1576134f1613dc2565b03613502576134b28484600661342f565b8254829084907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600183600881111561353e5761353e613dc2565b021790555061354c81613bab565b835464ffffffffff91909116610100027fffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000ff90911617909255505050565b5f818152602081905260409020805473ffffffffffffffffffffffffffffffffffffffff166133f7576040517f80ce53f200000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f600180840154600160f01b900460ff16600281111561360657613606613dc2565b14801561363157506001830154700100000000000000000000000000000000900463ffffffff168210155b1561363e5750600861055a565b505f908152600991909101602052604090205460ff1690565b8054760100000000000000000000000000000000000000000000900463ffffffff16158015906136c957505f60038381019061369590600190614287565b600681106136a5576136a56143f0565b600891828204019190066004029054906101000a900463ffffffff1663ffffffff16115b156136de576136da8282600361342f565b5050565b6136da82825b81547801000000000000000000000000000000000000000000000000900463ffffffff1661371182613b59565b10156137435780547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0016600817905550565b6136da8282600461342f565b80545f907a010000000000000000000000000000000000000000000000000000900463ffffffff1661378083613b59565b61055a9190614287565b815460058301545f9183916137bd9174010000000000000000000000000000000000000000900463ffffffff1690614a8f565b6130bc9190614a8f565b5f60608367ffffffffffffffff8111156137e3576137e361456c565b60405190808252806020026020018201604052801561380c578160200160208202803683370190505b5090505f5f5b858110156139cc575f886009015f898985818110613832576138326143f0565b9050602002013581526020019081526020015f2090506007600881111561385b5761385b613dc2565b61387d8a8a8a86818110613871576138716143f0565b905060200201356135e4565b600881111561388e5761388e613dc2565b1415806138b75750600886901c5f90815260078201602052604090205460ff87161c6001908116145b156138c257506139c4565b5f86815260048201602052604090205415806138fa5750600886901c5f90815260058201602052604090205460ff87161c6001908116145b1561390557506139c4565b600886901c5f90815260068201602052604090205460ff87161c60019081160361392f57506139c4565b5f6139428a61393d8461374f565b61378a565b9050805f036139525750506139c4565b600887901c5f90815260078301602052604090208054600160ff8a161b18905561397c81876144fd565b9550888884818110613990576139906143f0565b905060200201358585806139a390614ac7565b9650815181106139b5576139b56143f0565b60200260200101818152505050505b600101613812565b508082525094509492505050565b81545f9073ffffffffffffffffffffffffffffffffffffffff1633148015613a00575081155b8015613a295750600283015474010000000000000000000000000000000000000000900460ff16155b8015613a5d575060018301546c01000000000000000000000000810463ffffffff9081166801000000000000000090920416145b80156130bc57506001830154640100000000900463ffffffff1615806130bc57506001838101546130bc9160098601915f9161096491640100000000900463ffffffff1661435c565b5f600180830154600160f01b900460ff166002811115613ac857613ac8613dc2565b148015613aee5750600282015473ffffffffffffffffffffffffffffffffffffffff1633145b8015613b18575060028201547501000000000000000000000000000000000000000000900460ff16155b801561055a57506001820154613b5190620151809074010000000000000000000000000000000000000000900464ffffffffff166144fd565b421192915050565b80545f90613b9f9063ffffffff7601000000000000000000000000000000000000000000008204811691720100000000000000000000000000000000000090041661435c565b63ffffffff1692915050565b5f61055a63ffffffff8316426144fd565b604080516102a0810182525f80825260208201819052918101829052606081019190915260808101613bec613c6a565b81525f6020820181905260408201819052606082018190526080820181905260a0820181905260c0820181905260e08201819052610100820181905261012082018190526101408201819052610160820181905261018082018190526101a082018190526101c082018190526101e082018190526102009091015290565b6040518060c001604052806006906020820280368337509192915050565b803573ffffffffffffffffffffffffffffffffffffffff811681146133f7575f5ffd5b5f5f60408385031215613cbc575f5ffd5b82359150613ccc60208401613c88565b90509250929050565b5f5f5f5f5f5f5f60c0888a031215613ceb575f5ffd5b87359650602088013595506040880135945060608801359350613d1060808901613c88565b925060a088013567ffffffffffffffff811115613d2b575f5ffd5b8801601f81018a13613d3b575f5ffd5b803567ffffffffffffffff811115613d51575f5ffd5b8a6020828401011115613d62575f5ffd5b602082019350809250505092959891949750929550565b5f5f5f60608486031215613d8b575f5ffd5b505081359360208301359350604090920135919050565b5f5f60408385031215613db3575f5ffd5b50508035926020909101359150565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52602160045260245ffd5b60098110613dff57613dff613dc2565b9052565b5f61016082019050613e16828451613def565b6020830151613e2e602084018264ffffffffff169052565b506040830151613e46604084018263ffffffff169052565b50606083015160608301526080830151613e68608084018263ffffffff169052565b5060a0830151613e8060a084018263ffffffff169052565b5060c0830151613e9860c084018263ffffffff169052565b5060e0830151613eb060e084018263ffffffff169052565b50610100830151613ec661010084018215159052565b50610120830151610120830152610140830151613efc61014084018273ffffffffffffffffffffffffffffffffffffffff169052565b5092915050565b5f60208284031215613f13575f5ffd5b5035919050565b5f5f83601f840112613f2a575f5ffd5b50813567ffffffffffffffff811115613f41575f5ffd5b6020830191508360208260051b8501011115613f5b575f5ffd5b9250929050565b5f5f5f5f60608587031215613f75575f5ffd5b8435935060208501359250604085013567ffffffffffffffff811115613f99575f5ffd5b613fa587828801613f1a565b95989497509550505050565b805f5b60068110156134b257815163ffffffff16845260209384019390910190600101613fb4565b60038110613dff57613dff613dc2565b815173ffffffffffffffffffffffffffffffffffffffff1681526103408101602083015161401f602084018263ffffffff169052565b506040830151614037604084018263ffffffff169052565b50606083015161404f606084018263ffffffff169052565b5060808301516140626080840182613fb1565b5060a08301518015156101408401525060c083015161016083015260e08301516101808301526101008301516101a083015261012083015163ffffffff81166101c08401525061014083015163ffffffff81166101e08401525061016083015163ffffffff81166102008401525061018083015163ffffffff8116610220840152506101a08301516102408301526101c0830151614104610260840182613fd9565b506101e083015163ffffffff166102808381019190915261020084015173ffffffffffffffffffffffffffffffffffffffff166102a084015261022084015164ffffffffff9081166102c0850152610240850151166102e08401526102608401511515610300840152830151801515610320840152613efc565b5f5f5f60408486031215614190575f5ffd5b83359250602084013567ffffffffffffffff8111156141ad575f5ffd5b6141b986828701613f1a565b9497909650939450505050565b5f5f5f5f5f608086880312156141da575f5ffd5b853594506020860135935060408601359250606086013567ffffffffffffffff811115614205575f5ffd5b61421188828901613f1a565b969995985093965092949392505050565b5f60208284031215614232575f5ffd5b813567ffffffffffffffff811115614248575f5ffd5b820161022081850312156130bc575f5ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b8181038181111561055a5761055a61425a565b5f63ffffffff8216806142af576142af61425a565b5f190192915050565b73ffffffffffffffffffffffffffffffffffffffff8916815287602082015286604082015285606082015284608082015273ffffffffffffffffffffffffffffffffffffffff841660a082015260e060c08201528160e082015281836101008301375f81830161010090810191909152601f9092017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0160101979650505050505050565b63ffffffff828116828216039081111561055a5761055a61425a565b63ffffffff818116838216019081111561055a5761055a61425a565b73ffffffffffffffffffffffffffffffffffffffff87168152602081018690526040810185905263ffffffff8416606082015260c081016143d86080830185613def565b64ffffffffff831660a0830152979650505050505050565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b8183525f7f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff83111561444d575f5ffd5b8260051b80836020870137939093016020019392505050565b73ffffffffffffffffffffffffffffffffffffffff8716815285602082015260a060408201525f61449b60a08301868861441d565b90506144aa6060830185613def565b64ffffffffff83166080830152979650505050505050565b5f63ffffffff821663ffffffff81036144dd576144dd61425a565b60010192915050565b808202811582820484141761055a5761055a61425a565b8082018082111561055a5761055a61425a565b73ffffffffffffffffffffffffffffffffffffffff8516815260208101849052608081016145416040830185613def565b64ffffffffff8316606083015295945050505050565b5f816145655761456561425a565b505f190190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff8a16815261010060208201525f6145ca61010083018a8c61441d565b828103604084015288518082526020808b019201905f5b818110156145ff5783518352602093840193909201916001016145e1565b5050809250505086606083015285608083015261462060a083018615159052565b92151560c082015290151560e090910152979650505050505050565b5f6020828403121561464c575f5ffd5b6130bc82613c88565b8183526020830192505f815f5b8481101561469e5773ffffffffffffffffffffffffffffffffffffffff61468883613c88565b1686526020958601959190910190600101614662565b5093949350505050565b73ffffffffffffffffffffffffffffffffffffffff84168152604060208201525f61338a604083018486614655565b73ffffffffffffffffffffffffffffffffffffffff8716815285602082015284604082015260a060608201525f61471260a08301858761441d565b905064ffffffffff83166080830152979650505050505050565b63ffffffff8116811461473d575f5ffd5b50565b80356133f78161472c565b5f6020828403121561475b575f5ffd5b81356130bc8161472c565b815f805b60068110156147ab575f833561477f8161472c565b6020949094019363ffffffff600584901b81811b1995909516911690931b92909217915060010161476a565b509091555050565b803580151581146133f7575f5ffd5b5f602082840312156147d2575f5ffd5b6130bc826147b3565b5f5f83357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe184360301811261480e575f5ffd5b83018035915067ffffffffffffffff821115614828575f5ffd5b6020019150600581901b3603821315613f5b575f5ffd5b805f5b60068110156134b25781356148568161472c565b63ffffffff1684526020938401939190910190600101614842565b5f5f83357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe18436030181126148a4575f5ffd5b830160208101925035905067ffffffffffffffff8111156148c3575f5ffd5b8060051b3603821315613f5b575f5ffd5b73ffffffffffffffffffffffffffffffffffffffff831681526040602080830182905283358284015283013560608301525f90614912908401614740565b63ffffffff16608083015261492960608401614740565b63ffffffff1660a083015261494060808401614740565b63ffffffff1660c083015261495760a084016147b3565b151560e083015261496f610100830160c0850161483f565b61497d610180840184614871565b6102206101c085015261499561026085018284614655565b9150506149a66101a0850185614871565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0858403016101e08601526149dc838284614655565b925050506149ee6101c0850185614871565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc085840301610200860152614a24838284614655565b6101e087013561022087015261020090960135610240909501949094525092949350505050565b5f5f85851115614a59575f5ffd5b83861115614a65575f5ffd5b5050820193919092039150565b8035602083101561055a575f19602084900360031b1b1692915050565b5f82614ac2577f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b500490565b5f5f198203614ad857614ad861425a565b506001019056';
