// exp and log in four lanes. Same steps, same constants, same order as src/twins/transcendental.ts, which explains them.

// @ts-ignore: decorator
@inline
function step(p: v128, r: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(p, r), f32x4.splat(coefficient));
}

// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = v128.bitselect(f32x4.splat(89), x, f32x4.lt(f32x4.splat(89), x));
  x = v128.bitselect(f32x4.splat(-104), x, f32x4.lt(x, f32x4.splat(-104)));
  const magic = f32x4.splat(12582912);
  const n = f32x4.sub(f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), magic), magic);
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = step(p, r, 1.3981999507e-3);
  p = step(p, r, 8.3334519073e-3);
  p = step(p, r, 4.1665795894e-2);
  p = step(p, r, 1.6666665459e-1);
  p = step(p, r, 5.0000001201e-1);
  const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const low = i32x4.shl(i32x4.add(half, bias), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  return f32x4.mul(f32x4.mul(y, low), high);
}

// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(f32x4.splat(23), small));
  const half = v128.or(v128.and(scaled, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(half, f32x4.splat(0.70710678));
  e = f32x4.sub(e, v128.and(f32x4.splat(1), low));
  const m = f32x4.sub(f32x4.add(half, v128.and(half, low)), f32x4.splat(1));
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = step(p, m, -1.1514610310e-1);
  p = step(p, m, 1.1676998740e-1);
  p = step(p, m, -1.2420140846e-1);
  p = step(p, m, 1.4249322787e-1);
  p = step(p, m, -1.6668057665e-1);
  p = step(p, m, 2.0000714765e-1);
  p = step(p, m, -2.4999993993e-1);
  p = step(p, m, 3.3333331174e-1);
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.sub(y, f32x4.mul(e, f32x4.splat(2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(f32x4.splat(0.5), z));
  let result = f32x4.add(f32x4.add(m, y), f32x4.mul(e, f32x4.splat(0.693359375)));
  const zero = f32x4.splat(0);
  result = v128.bitselect(result, x, f32x4.lt(x, f32x4.splat(Infinity)));
  result = v128.bitselect(f32x4.splat(-Infinity), result, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.splat(NaN), result, f32x4.lt(x, zero));
}
