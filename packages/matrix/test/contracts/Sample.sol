// SPDX-License-Identifier: Apache-2.0
// Contracts for the labelled sample of the administrator probe: with and without an administrator, and some that look otherwise than they are.
pragma solidity 0.8.37;

contract Owned {
    address public owner = msg.sender;
    uint256 public fee;

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }

    function transferOwnership(address next) external onlyOwner {
        owner = next;
    }

    function setFee(uint256 value) external onlyOwner {
        fee = value;
    }
}

contract TwoStep {
    address public owner = msg.sender;
    address public pendingOwner;

    function acceptOwnership() external {
        require(msg.sender == pendingOwner);
        owner = pendingOwner;
    }
}

contract Pausable {
    address immutable keeper = msg.sender;
    bool public paused;

    function pause() external {
        require(msg.sender == keeper);
        paused = true;
    }

    function unpause() external {
        require(msg.sender == keeper);
        paused = false;
    }
}

contract Roles {
    mapping(bytes32 => mapping(address => bool)) public hasRole;

    constructor() {
        hasRole[0][msg.sender] = true;
    }

    function grantRole(bytes32 role, address account) external {
        require(hasRole[0][msg.sender]);
        hasRole[role][account] = true;
    }
}

contract Whitelist {
    address immutable keeper = msg.sender;
    mapping(address => bool) public allowed;

    function addToWhitelist(address account) external {
        require(msg.sender == keeper);
        allowed[account] = true;
    }
}

contract OracleUser {
    address immutable keeper = msg.sender;
    address public oracle;

    function setOracle(address next) external {
        require(msg.sender == keeper);
        oracle = next;
    }
}

contract OwnedMint {
    address immutable keeper = msg.sender;
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        require(msg.sender == keeper);
        balanceOf[to] += amount;
    }
}

contract Delayed {
    address public owner = msg.sender;
    address public next;
    uint256 public from;

    function announce(address candidate) external {
        require(msg.sender == owner);
        (next, from) = (candidate, block.timestamp + 7 days);
    }

    function take() external {
        require(msg.sender == next && block.timestamp >= from);
        owner = next;
    }
}

contract Upgradeable {
    bytes32 private constant SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    address immutable keeper = msg.sender;

    function upgradeTo(address implementation) external {
        require(msg.sender == keeper);
        assembly {
            sstore(SLOT, implementation)
        }
    }
}

contract Proxy {
    bytes32 private constant SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(SLOT), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract BeaconProxy {
    bytes32 private constant SLOT = 0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50;

    function beacon() external view returns (address at) {
        assembly {
            at := sload(SLOT)
        }
    }
}

// Proxies whose slot is no standard's.
contract OwnSlotProxy {
    bytes32 private constant SLOT = keccak256("sample.implementation");

    fallback() external payable {
        bytes32 slot = SLOT;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract StorageProxy {
    address private implementation = msg.sender;

    fallback() external payable {
        address target = implementation;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

// An administrator by another name: the probe does not know these functions.
contract DisputeSetter {
    address immutable keeper = msg.sender;
    address public disputes;

    function setDisputes(address next) external {
        require(msg.sender == keeper);
        disputes = next;
    }
}

contract Guardian {
    address immutable guardian = msg.sender;
    bool public halted;

    function halt() external {
        require(msg.sender == guardian);
        halted = true;
    }
}

// No administrator.
contract Counter {
    uint256 public count;

    function increment() external {
        count++;
    }
}

contract Anchors {
    mapping(bytes32 => uint256) public blockOf;

    function post(bytes32 root) external {
        require(blockOf[root] == 0);
        blockOf[root] = block.number;
    }
}

contract Escrow {
    mapping(address => uint256) public balanceOf;

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw() external {
        uint256 amount = balanceOf[msg.sender];
        balanceOf[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }
}

contract Token {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        balanceOf[msg.sender] = 1e24;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }
}

contract Votes {
    mapping(uint256 => uint256) public yes;
    mapping(uint256 => mapping(address => bool)) public voted;

    function vote(uint256 proposal) external {
        require(!voted[proposal][msg.sender]);
        voted[proposal][msg.sender] = true;
        yes[proposal]++;
    }
}

contract Verifier {
    function verify(bytes32 root, bytes32 leaf, bytes32[] calldata path, uint256 index) external pure returns (bool) {
        for (uint256 i = 0; i < path.length; i++) {
            leaf = index & 1 == 0 ? sha256(abi.encode(leaf, path[i])) : sha256(abi.encode(path[i], leaf));
            index >>= 1;
        }
        return leaf == root;
    }
}

// No administrator, though it looks like one: it asks another contract for its owner, anybody may mint, a player pauses its own game.
interface IOwned {
    function owner() external view returns (address);
}

contract AsksOwner {
    function ownerOf(IOwned other) external view returns (address) {
        return other.owner();
    }
}

contract OpenMint {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }
}

contract OwnGame {
    mapping(address => bool) public paused;

    function pause() external {
        paused[msg.sender] = true;
    }
}

// It passes all calls to code that is fixed for good.
contract FixedForwarder {
    address immutable target = msg.sender;

    fallback() external payable {
        address to = target;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

library Sums {
    function add(uint256[] storage values, uint256 value) external {
        values.push(value);
    }
}

contract LibraryUser {
    uint256[] public values;

    function add(uint256 value) external {
        Sums.add(values, value);
    }
}

// It calls another contract's pause(), which that one may allow or refuse.
interface IPausable {
    function pause() external;
}

contract AsksToPause {
    function ask(IPausable other) external {
        other.pause();
    }
}
