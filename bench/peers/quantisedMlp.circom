pragma circom 2.0.0;

include "circomlib-ml/circuits/Dense.circom";
include "circomlib-ml/circuits/circomlib/bitify.circom";
include "circomlib-ml/circuits/circomlib/comparators.circom";

// y = min(max(floor((acc + half) / 2^shift) + zero, low), low + 2^bits - 1), half = 2^(shift - 1) or
// 0, for |acc| that leaves the sum below 2^width: what "requantise" is in docs/specs/zk.md.
template Requantise(shift, zero, low, bits, width) {
    signal input acc;
    signal output y;

    var half = shift > 0 ? 1 << (shift - 1) : 0;
    component sum = Num2Bits(width + 1);
    sum.in <== acc + half + (zero - low) * (1 << shift) + (1 << width);

    var kept = 0;
    var high = 0;
    for (var i = 0; i < bits; i++) kept += sum.out[shift + i] * (1 << i);
    for (var i = shift + bits; i < width; i++) high += sum.out[i];

    component inRange = IsZero();
    inRange.in <== high;
    signal clamped <== inRange.out * (kept - (1 << bits) + 1) + (1 << bits) - 1;
    // The highest bit says that the sum is not negative.
    y <== sum.out[width] * clamped + low;
}

// Of both layers: shifts and zeros for each output, low, bits.
template QuantisedMlp(inputs, hidden, outputs, shift0, zero0, low0, bits0, shift1, zero1, low1, bits1, width) {
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
    component requantise0[hidden];
    for (var j = 0; j < hidden; j++) {
        requantise0[j] = Requantise(shift0[j], zero0[j], low0, bits0, width);
        requantise0[j].acc <== first.out[j];
        second.in[j] <== requantise0[j].y;
    }
    second.weights <== weights1;
    second.bias <== bias1;

    component requantise1[outputs];
    for (var i = 0; i < outputs; i++) {
        requantise1[i] = Requantise(shift1[i], zero1[i], low1, bits1, width);
        requantise1[i].acc <== second.out[i];
        values[i] <== requantise1[i].y;
    }
}

// A sum with weights that are constants: one linear constraint.
template FixedUnit(inputs, weights, bias) {
    signal input x[inputs];
    signal output sum;

    var total = bias;
    for (var k = 0; k < inputs; k++) total += weights[k] * x[k];
    sum <== total;
}
