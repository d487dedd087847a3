pragma circom 2.0.0;

include "circomlib-ml/circuits/Dense.circom";
include "circomlib-ml/circuits/circomlib/bitify.circom";
include "circomlib-ml/circuits/circomlib/comparators.circom";

// y = min(max(floor((acc + half) / 2^shift) + zero, 0), 2^bits - 1), half = 2^(shift - 1) or 0, for
// |acc| that leaves the sum below 2^width: what "requantise" is in docs/specs/zk.md, for low = 0.
template Requantise(shift, zero, bits, width) {
    signal input acc;
    signal output y;

    var half = shift > 0 ? 1 << (shift - 1) : 0;
    component sum = Num2Bits(width + 1);
    sum.in <== acc + half + zero * (1 << shift) + (1 << width);

    var low = 0;
    var high = 0;
    for (var i = 0; i < bits; i++) low += sum.out[shift + i] * (1 << i);
    for (var i = shift + bits; i < width; i++) high += sum.out[i];

    component inRange = IsZero();
    inRange.in <== high;
    signal clamped <== inRange.out * (low - (1 << bits) + 1) + (1 << bits) - 1;
    // The highest bit says that the sum is not negative.
    y <== sum.out[width] * clamped;
}

template QuantisedMlp(inputs, hidden, outputs, shift, zero, bits, width) {
    signal input x[inputs];
    signal input weights0[inputs][hidden];
    signal input bias0[hidden];
    signal input weights1[hidden][outputs];
    signal input bias1[outputs];
    signal output values[outputs];

    component first = Dense(inputs, hidden);
    first.in <== x;
    first.weights <== weights0;
    first.bias <== bias0;

    component second = Dense(hidden, outputs);
    component requantise[hidden];
    for (var j = 0; j < hidden; j++) {
        requantise[j] = Requantise(shift[j], zero[j], bits, width);
        requantise[j].acc <== first.out[j];
        second.in[j] <== requantise[j].y;
    }
    second.weights <== weights1;
    second.bias <== bias1;
    values <== second.out;
}

// A sum with weights that are constants: one linear constraint.
template FixedUnit(inputs, weights, bias) {
    signal input x[inputs];
    signal output sum;

    var total = bias;
    for (var k = 0; k < inputs; k++) total += weights[k] * x[k];
    sum <== total;
}
