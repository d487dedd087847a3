"""Known answers for private statistics from NumPy, SciPy, scikit-learn and exact fractions.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    python vectors/statistics/make.py

writes known.json beside this file.
"""
import json
import os
from fractions import Fraction

import numpy
import scipy.stats
import sklearn.datasets
import sklearn.metrics


def describe(values):
    """Moments by NumPy, and the variance once more in fractions."""
    exact = [Fraction(v) for v in values.tolist()]
    mean = sum(exact) / len(exact)
    variance = sum((v - mean) ** 2 for v in exact) / len(exact)
    return {
        'mean': float(numpy.mean(values)), 'variance': float(numpy.var(values)),
        'deviation': float(numpy.std(values)),
        'exactMean': float(mean), 'exactVariance': float(variance),
    }


def cancer():
    data = sklearn.datasets.load_breast_cancer()
    names = data.feature_names.tolist()
    radius = numpy.round(data.data[:, names.index('mean radius')], 3)
    texture = numpy.round(data.data[:, names.index('mean texture')], 2)
    label = data.target
    edges = numpy.histogram_bin_edges(radius, bins=20, range=(5, 30))
    fractions = [0.025, 0.25, 0.5, 0.75, 0.975]
    binned = numpy.clip(numpy.digitize(radius, numpy.histogram_bin_edges(radius, 64, (5, 30))), 0, 64)
    return {
        'radius': radius.tolist(), 'texture': texture.tolist(), 'benign': label.tolist(),
        'moments': {'radius': describe(radius), 'texture': describe(texture)},
        'histogram': {'edges': edges.tolist(),
                      'counts': numpy.histogram(radius, bins=20, range=(5, 30))[0].tolist()},
        'quantiles': {'fractions': fractions,
                      'values': numpy.quantile(radius, fractions, method='inverted_cdf').tolist()},
        'correlation': float(scipy.stats.pearsonr(radius, texture).statistic),
        # A small radius is the sign of a benign tumour: the area for malignant ones.
        'auroc': float(sklearn.metrics.roc_auc_score(1 - label, radius)),
        'aurocOf64Bins': float(sklearn.metrics.roc_auc_score(1 - label, binned)),
    }


def far():
    """Values whose squares differ in no digit of a double."""
    steps = numpy.random.default_rng(11).integers(0, 2 ** 16, 400)
    values = 1e9 + steps / 2 ** 16
    return {'low': 1e9, 'high': 1e9 + 1, 'values': values.tolist(), 'moments': describe(values)}


here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'known.json'), 'w') as file:
    json.dump({'cancer': cancer(), 'far': far()}, file)
    file.write('\n')
