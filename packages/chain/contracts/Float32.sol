// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The step of docs/specs/update.md §4.3 in integers: `fround(start + fround(sum / divisor))` with the
/// division and the addition of IEEE 754 doubles, all rounded to nearest, ties to even, as JavaScript
/// does it. Known answers: vectors/float.
///
/// A finite number is a sign and `m * 2^e`. Domain: |sum| < 2^127, 0 < divisor < 2^127, so that the
/// quotient is a normal double and, as an f32, finite.
library Float32 {
    uint32 internal constant INFINITY = 0x7f800000;
    uint32 private constant NAN = 0x7fc00000;
    uint32 private constant SIGN = 0x80000000;
    /// Of an f32: bits of the significand, and the exponent of its last bit in subnormal numbers.
    uint256 private constant PRECISION = 24;
    int256 private constant LOWEST = -149;
    uint256 private constant DOUBLE_PRECISION = 53;

    /// The bits of the result; those of an f32 that is not finite where there is none.
    function step(uint32 start, int256 sum, uint256 divisor) internal pure returns (uint32) {
        unchecked {
            if (start & INFINITY == INFINITY) return start & 0x7fffff == 0 ? start : NAN;
            bool negative = sum < 0;
            (uint256 m, int256 e) = _divide(uint256(negative ? -sum : sum), divisor);
            return _add(start, negative, m, e);
        }
    }

    function isFinite(uint32 bits) internal pure returns (bool) {
        return bits & INFINITY != INFINITY;
    }

    /// numerator / divisor, rounded to a double, then to an f32.
    function _divide(uint256 numerator, uint256 divisor) private pure returns (uint256 m, int256 e) {
        unchecked {
            if (numerator == 0) return (0, LOWEST);
            // At least 55 bits of quotient: two more than are kept. The rest sticks to the last one.
            int256 shift = int256(DOUBLE_PRECISION + 2 + _bits(divisor)) - int256(_bits(numerator));
            if (shift < 0) shift = 0;
            numerator <<= uint256(shift);
            m = numerator / divisor;
            if (m * divisor != numerator) m |= 1;
            // A double's lowest exponent is out of reach.
            (m, e) = _round(m, -shift, DOUBLE_PRECISION, type(int128).min);
            (m, e) = _round(m, e, PRECISION, LOWEST);
        }
    }

    /// The bits of `start` + (+-m * 2^e), where both are f32, rounded to one.
    function _add(uint32 start, bool negative, uint256 m, int256 e) private pure returns (uint32) {
        unchecked {
            bool startNegative = start & SIGN != 0;
            uint256 exponent = (start >> 23) & 255;
            uint256 startM = (start & 0x7fffff) | (exponent == 0 ? 0 : 0x800000);
            int256 startE = exponent == 0 ? LOWEST : int256(exponent) - 150;
            // Zeros of unlike sign make +0, as do numbers that cancel below.
            if (m == 0) return startM == 0 && !(startNegative && negative) ? 0 : start;
            if (startM == 0) return _pack(negative, m, e);
            // Beyond this distance the smaller one is less than a quarter of the other's last bit.
            if (startE - e > 40) return start;
            if (e - startE > 40) return _pack(negative, m, e);
            int256 lower = e < startE ? e : startE;
            int256 total = int256(m << uint256(e - lower)) * (negative ? int256(-1) : int256(1));
            total += int256(startM << uint256(startE - lower)) * (startNegative ? int256(-1) : int256(1));
            negative = total < 0;
            (m, e) = _round(uint256(negative ? -total : total), lower, PRECISION, LOWEST);
            return _pack(negative, m, e);
        }
    }

    /// m * 2^e to `precision` bits, the last of which is worth at least 2^lowest: to nearest, ties to
    /// even. Where bits were lost before, the last of m is 1 and below the two that are looked at.
    function _round(uint256 m, int256 e, uint256 precision, int256 lowest) private pure returns (uint256, int256) {
        unchecked {
            int256 drop = int256(_bits(m)) - int256(precision);
            if (e + drop < lowest) drop = lowest - e;
            if (drop <= 0) return (m, e);
            uint256 kept = m >> uint256(drop);
            uint256 rest = m - (kept << uint256(drop));
            uint256 half = 1 << uint256(drop - 1);
            if (rest > half || (rest == half && kept & 1 == 1)) kept++;
            return (kept, e + drop);
        }
    }

    /// The bits of +-m * 2^e, m of at most 24 bits and one more where rounding carried, e at least -149.
    function _pack(bool negative, uint256 m, int256 e) private pure returns (uint32) {
        unchecked {
            uint32 sign = negative ? SIGN : 0;
            if (m == 0) return sign;
            while (m < 0x800000 && e > LOWEST) (m, e) = (m << 1, e - 1);
            if (m == 0x1000000) (m, e) = (0x800000, e + 1);
            if (m < 0x800000) return sign | uint32(m);
            if (e > 104) return sign | INFINITY;
            return sign | (uint32(uint256(e + 150)) << 23) | (uint32(m) & 0x7fffff);
        }
    }

    function _bits(uint256 x) private pure returns (uint256 bits) {
        unchecked {
            for (uint256 half = 128; half > 0; half >>= 1) {
                if (x >> half == 0) continue;
                x >>= half;
                bits += half;
            }
            return bits + x;
        }
    }
}
