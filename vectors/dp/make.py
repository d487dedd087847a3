"""Known answers for the accountants from Google's dp_accounting, and for normal tails from mpmath.

    pip install dp-accounting==0.4.4 mpmath
    python vectors/dp/make.py

writes computed.json beside this file. The table of golden.json is from elsewhere: README.md.
"""
import json
import os

import dp_accounting
from dp_accounting import pld, rdp
import mpmath

mpmath.mp.dps = 50


def pld_of(event):
    accountant = pld.PLDAccountant(value_discretization_interval=1e-5)
    return accountant.compose(event)


def laplace():
    rows = []
    for scale, count in [(2, 1), (1, 10), (10, 50), (0.7, 4)]:
        event = dp_accounting.SelfComposedDpEvent(dp_accounting.LaplaceDpEvent(scale), count)
        accountant = pld_of(event)
        renyi = rdp.RdpAccountant(orders=[1.5, 2, 8, 64]).compose(event)
        rows.append({
            'noiseMultiplier': scale, 'count': count,
            'epsilon': {d: accountant.get_epsilon(float(d)) for d in ['1e-3', '1e-6']},
            'divergence': {str(a): r for a, r in zip(renyi._orders, renyi._rdp)},
        })
    return rows


def discrete_laplace():
    rows = []
    for parameter, sensitivity, count in [(0.5, 1, 1), (0.2, 3, 8), (0.05, 1, 100)]:
        one = pld.privacy_loss_distribution.from_discrete_laplace_mechanism(
            parameter, sensitivity=sensitivity, value_discretization_interval=1e-5)
        rows.append({
            'scale': 1 / parameter, 'sensitivity': sensitivity, 'count': count,
            'epsilon': {d: one.self_compose(count).get_epsilon_for_delta(float(d))
                        for d in ['1e-3', '1e-6']},
        })
    return rows


def mixed():
    sampled = dp_accounting.PoissonSampledDpEvent(0.02, dp_accounting.GaussianDpEvent(1.2))
    event = dp_accounting.ComposedDpEvent([
        dp_accounting.SelfComposedDpEvent(sampled, 500),
        dp_accounting.GaussianDpEvent(4.0),
        dp_accounting.GaussianDpEvent(6.0),
        dp_accounting.SelfComposedDpEvent(dp_accounting.LaplaceDpEvent(20.0), 10),
    ])
    return {d: pld_of(event).get_epsilon(float(d)) for d in ['1e-4', '1e-6', '1e-8']}


def normal_tails():
    return [{'x': x, 'tail': float(mpmath.erfc(mpmath.mpf(x) / mpmath.sqrt(2)) / 2)}
            for x in [-8, -3, -0.6, 0, 0.1, 0.5, 0.663, 1, 2.5, 5.656, 5.658, 7, 12, 20, 36]]


def gaussian_delta():
    rows = []
    for mu, epsilon in [(1, 0), (1, 4), (0.01, 0.05), (3, 30), (20, 100), (0.2, 3), (1e-3, 1e-3)]:
        m, e = mpmath.mpf(mu), mpmath.mpf(epsilon)
        rows.append({'mu': mu, 'epsilon': epsilon, 'delta': float(
            mpmath.ncdf(m / 2 - e / m) - mpmath.exp(e) * mpmath.ncdf(-m / 2 - e / m))})
    return rows


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'computed.json')
with open(path, 'w') as file:
    json.dump({'laplace': laplace(), 'discreteLaplace': discrete_laplace(), 'mixed': mixed(),
               'normalTail': normal_tails(), 'gaussianDelta': gaussian_delta()}, file, indent=1)
    file.write('\n')
