/**
 * Recognises common licences by phrases that only they have; names are those of the SPDX list
 * (spdx.org/licenses, 3.27). Limits: fourteen texts, unchanged ones; anything else is `undefined`,
 * which means "read it", not "none".
 */

/** Spaces, case, quotes and comment marks differ between copies of one text. */
const normalise = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/["'“”‘’`*#>/]/g, '')
    .replaceAll(/\s+/g, ' ');

/** In this order: a variant comes before the text that it varies. */
const licences: readonly (readonly [string, readonly string[]])[] = [
  ['AGPL-3.0', ['gnu affero general public license version 3']],
  ['LGPL-3.0', ['gnu lesser general public license version 3']],
  ['LGPL-2.1', ['gnu lesser general public license version 2.1']],
  ['GPL-3.0', ['gnu general public license version 3']],
  ['GPL-2.0', ['gnu general public license version 2']],
  ['BUSL-1.1', ['business source license 1.1']],
  ['MPL-2.0', ['mozilla public license version 2.0']],
  [
    'Apache-2.0',
    ['apache license version 2.0', 'terms and conditions for use, reproduction, and distribution'],
  ],
  [
    'BSD-3-Clause-Clear',
    ['no express or implied licenses to any partys patent rights', 'redistributions in binary form'],
  ],
  ['BSD-3-Clause', ['redistributions in binary form', 'neither the name of']],
  ['BSD-2-Clause', ['redistributions in binary form', 'redistributions of source code must retain']],
  [
    'MIT',
    [
      'permission is hereby granted, free of charge, to any person obtaining a copy',
      'the above copyright notice and this permission notice shall be included',
    ],
  ],
  ['ISC', ['permission to use, copy, modify, and']],
  ['Unlicense', ['this is free and unencumbered software released into the public domain']],
];

/** The SPDX name of a licence text, or undefined where none of the known ones fits. */
export function recogniseLicence(text: string): string | undefined {
  const normal = normalise(text.slice(0, 50_000));
  // "Apache License, Version 2.0" and "Apache License Version 2.0".
  const plain = normal.replaceAll(/[,()]/g, '');
  return licences.find(([, phrases]) =>
    phrases.every((phrase) => plain.includes(phrase.replaceAll(/[,()]/g, ''))),
  )?.[0];
}
