import fc from 'fast-check';

// biome-ignore lint/suspicious/noTemplateCurlyInString: nginx's syntax
const DOLLAR = '${signalbox_dollar}';

/** Names that mean something to nginx, to a file system, to templates, to JSON, or to ourselves. */
export const NASTY_NAMES: readonly string[] = [
  ...['"', "'", '`', '$', '${', DOLLAR, '$uri', '$1', '$signalbox_target', ';', '{', '}', '{}', '{{ x }}'],
  ...[
    '\\',
    '\\n',
    '\\"',
    '\\\\',
    '#',
    '?',
    '%',
    '%25',
    '%2F',
    '%00',
    '&',
    '=',
    '+',
    ' ',
    '  ',
    '~',
    '~*',
    '~^(.*)$',
    '*',
    '|',
  ],
  ...['\n', '\r', '\r\n', '\t', '\x01', '\x1b', '\x7f', '\u0085', '\u2028', 'a\nb', 'a\n\nb', '\n"x";\ndefault "y'],
  ...['"; return 200 "owned"; #', '} server { listen 1; }', 'default', 'include /etc/passwd', 'volatile', 'hostnames'],
  ...[
    'none',
    'dead',
    'bad',
    'g',
    't',
    'e',
    'table',
    'table-1',
    'new',
    '.new-1',
    '=1',
    '=0',
    '0',
    '1',
    '2',
    '-',
    '--',
    'http',
  ],
  ...['unix', 'conf-0', 'current', 'rows.json', 'nginx.pid', 'a,b', 'a:b', ':', ',', '...', '. ', '.a', '_chp_healthz'],
  ...[
    'generation',
    'é',
    'e\u0301',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'Ä',
    'ä',
    '中文',
    'עברית',
    '\u202eabc',
    '🚂',
    '👩‍👩‍👧',
    '\ufeff',
    '\u200b',
  ],
  ...[
    'hash#?question',
    '$p~c|a! ch@rs',
    'has%40x',
    'has%x',
    'has space',
    '<script>',
    "a'b",
    'constructor',
    '__proto__',
  ],
  ...[
    'n'.repeat(254),
    'n'.repeat(255),
    'n'.repeat(256),
    'n'.repeat(300),
    'é'.repeat(127),
    'é'.repeat(128),
    '"'.repeat(255),
  ],
  ...['', '.', '..', '\0', 'a\0b', '\ud800', 'x'.repeat(3_900), '$'.repeat(200)],
];

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY_NAMES) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'"\\$;{}\n\t#%`~ \'a'), minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('user', 'ada', 'Ada', 'x') },
);

/** A table's worth of keys that share names, so that they are parents, children and neighbours of each other. */
export const keys: fc.Arbitrary<string[]> = fc.array(name, { minLength: 6, maxLength: 20 }).chain((pool) =>
  fc.uniqueArray(
    fc
      .oneof(
        { weight: 20, arbitrary: fc.array(fc.constantFrom(...pool), { minLength: 0, maxLength: 4 }) },
        { weight: 1, arbitrary: fc.array(fc.constantFrom(...pool, 'a'), { minLength: 5, maxLength: 40 }) },
      )
      .map((names) => `/${names.join('/')}`),
    { minLength: 20, maxLength: 60 },
  ),
);

/** Keys one step away: a character more or less, another case, the parent, a sibling, a child. */
export function neighbours(key: string): string[] {
  const characters = [...key];
  const parent = key.slice(0, key.lastIndexOf('/'));
  return [
    `${key}z`,
    characters.slice(0, -1).join(''),
    key.toUpperCase(),
    key.toLowerCase(),
    parent,
    `${parent}/sibling`,
    `${key}/child/of/it`,
  ].map((path) => (path.startsWith('/') ? path : `/${path}`));
}
