/** Streams of responses, drawn from a seed: valid ones, and such as are wrong in one place or another. */
import { Random } from '../../../src/core/random.ts';

export interface Stream {
  /** Which requests are to be answered, in order. */
  readonly methods: readonly string[];
  readonly bytes: Buffer;
  /** Where it is cut, besides not at all and after every byte. */
  readonly cuts: readonly number[];
}

class Draw {
  readonly #random: Random;

  constructor(seed: number, index: number) {
    this.#random = new Random(seed, index);
  }

  /** From 0, less than `below`. */
  number(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.number(choices.length)] as T;
  }

  /** Mostly the first. */
  mostly<T>(usual: T, share: number, others: readonly T[]): T {
    return this.chance(share) ? usual : this.of(others);
  }

  times<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.number(most + 1) }, make);
  }
}

const VERSIONS = [
  'HTTP/1.0',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1.',
  'ICY',
  'RTSP/1.0',
];
const STATUSES = [
  '204',
  '304',
  '404',
  '500',
  '999',
  '100',
  '103',
  '101',
  '099',
  '20',
  '2000',
  '2x0',
  ' 200',
  '',
];
const REASONS = ['', ' ', ' Not Quite', '  OK', ' \xfc', ' a\tb', ' \x01', '\t'];
const ENDS = ['\n', '\r', '\r\r\n', '\n\r', ' \r\n', ''];
const CODINGS = [
  ...['chunked', 'Chunked', 'chunked, chunked', 'gzip, chunked', 'chunked, gzip', 'gzip', 'identity', ''],
  ...[
    'chunked,',
    ',chunked',
    ' , ,chunked',
    'chunked , ',
    'chunked;a=b',
    'gzip;q="a,b", chunked',
    'gzip;q=", chunked',
  ],
  ...[
    '"chunked"',
    'chunked chunked',
    'xchunked',
    'chunkedx',
    'chun\tked',
    'chunked\xa0',
    '\tchunked\t',
    'gzip , chunked',
  ],
];
const CONNECTIONS = [
  ...[
    'close',
    'keep-alive',
    'Close',
    'KEEP-ALIVE',
    'close, keep-alive',
    'keep-alive,close',
    'x',
    'x, close',
    '',
  ],
  ...[',close', 'closed', 'upgrade', 'close;', 'clo se', ' close ', 'keep-alive, x,, close'],
];
const HEADERS = [
  ...[
    'A: b',
    'Server: x',
    'Date: now',
    `X-Long: ${'y'.repeat(60)}`,
    'Set-Cookie: a=b; c',
    'Empty:',
    'Blank:   ',
    'Tab:\ta',
  ],
  ...[
    'Latin: \xe4\xff',
    'Keep-Alive: timeout=5',
    'Upgrade: h2c',
    'Proxy-Connection: close',
    'Content-Type: a/b',
    "!#$%&'*+-.^_`|~1: v",
  ],
];
const BAD_HEADERS = [
  ...[
    'nonsense',
    ': v',
    ' A: b',
    '\tfolded',
    'A : b',
    'A\t: b',
    'A: b\rc',
    'A: \x00',
    'A: \x7f',
    'A: \x1b[m',
    '\x00: a',
    'A(: b',
  ],
  ...['"a": b', 'A: b\n c', 'Content-Length', 'Transfer-Encoding', '\xe4: b', 'A:\x0b'],
];
const EXTENSIONS = [
  ...[
    '',
    ';a',
    ';a=b',
    ';a="b"',
    ';a="b;\\"c"',
    ' ;a',
    ';a =b',
    '; a = b ',
    ';a=b;c',
    ' ',
    '\t',
    ';',
    ';=b',
    ';a=',
    ';a="b',
    ';a="b"c',
  ],
  ...[
    ';a b',
    ';a="\x00"',
    ';a="\\\x01"',
    ';a=\xe4',
    ' ; a=" " ;c',
    ';a\x00',
    ';;',
    ';a=b"',
    ';a="b" ',
    ';"a"',
  ],
];
const TRAILERS = [
  ...[
    'A: b',
    'X:',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Connection: close',
    ' A: b',
    ': c',
    'nonsense',
    'A : b',
  ],
  ...['A: \x00', 'A:\xe4', 'A\t: b', 'Content-Length: x'],
];
const TOKENS = [
  ...[
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '0',
    '\x00',
    '\r\n\r\n',
    'HTTP/1.1 200 OK\r\n',
    'Content-Length: 0\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding:\r\n',
    'Connection: close\r\n',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    '\xff',
    '"',
  ],
];

const body = (draw: Draw): string =>
  Array.from({ length: draw.number(draw.chance(0.1) ? 300 : 12) }, () =>
    draw.mostly(String.fromCharCode(97 + draw.number(26)), 0.8, ['\r', '\n', '\0', '\xff', '0', 'H']),
  ).join('');

function chunk(draw: Draw, content: string): string {
  const size = draw.mostly(content.length.toString(16), 0.8, [
    ...[content.length.toString(16).toUpperCase(), `00${content.length.toString(16)}`, `${content.length}`],
    ...[
      (content.length + 1).toString(16),
      'ffffffffffffffff',
      'fffffffffffffffff',
      '1fffffffffffff',
      'x',
      '',
      '-1',
      '0x1',
      ' 1',
    ],
  ]);
  return `${size}${draw.mostly('', 0.75, EXTENSIONS)}${draw.mostly('\r\n', 0.95, ENDS)}${content}${draw.mostly('\r\n', 0.97, ENDS)}`;
}

function chunked(draw: Draw): string {
  const chunks = draw.times(3, () => chunk(draw, `${body(draw)}.`));
  const trailers = draw.chance(0.7)
    ? []
    : draw.times(2, () => `${draw.of(TRAILERS)}${draw.mostly('\r\n', 0.95, ENDS)}`);
  const last = `${draw.mostly('0', 0.9, ['00', '000000', ''])}${draw.mostly('', 0.8, EXTENSIONS)}`;
  return `${chunks.join('')}${last}\r\n${trailers.join('')}${draw.mostly('\r\n', 0.95, ENDS)}`;
}

interface Framing {
  readonly lines: readonly string[];
  readonly content: string;
}

function fixed(draw: Draw): Framing {
  const content = body(draw);
  const { length } = content;
  const value = draw.mostly(`${length}`, 0.8, [
    ...[
      `${length + 1}`,
      `${Math.max(0, length - 1)}`,
      `0${length}`,
      `+${length}`,
      `-${length}`,
      `${length}, ${length}`,
      '',
    ],
    ...[
      `0x${length}`,
      `${length} `,
      `${length}\t`,
      `${length}a`,
      '99999999999999999999',
      '9007199254740993',
      `${length}.0`,
      '1e1',
    ],
  ]);
  return {
    lines: draw
      .mostly([value], 0.95, [
        [value, value],
        [value, '0'],
      ])
      .map((text) => `Content-Length: ${text}`),
    content,
  };
}

function framing(draw: Draw): Framing {
  const kind = draw.number(10);
  if (kind < 4) return fixed(draw);
  if (kind === 4) return { lines: [], content: body(draw) };
  const lines = [
    draw.mostly('chunked', 0.6, CODINGS),
    ...draw.times(draw.chance(0.2) ? 2 : 0, () => draw.of(CODINGS)),
  ];
  const mixed = draw.chance(0.05) ? ['Content-Length: 5'] : [];
  return {
    lines: [...mixed, ...lines.map((value) => `Transfer-Encoding: ${value}`)],
    content: chunked(draw),
  };
}

function shuffled(draw: Draw, lines: string[]): string[] {
  return lines
    .map((line) => [draw.number(1 << 20), line] as const)
    .sort(([a], [b]) => a - b)
    .map(([, line]) => line);
}

function response(draw: Draw, method: string): string {
  const status = draw.mostly('200', 0.7, STATUSES);
  const { lines, content } = framing(draw);
  const headers = shuffled(draw, [
    ...lines,
    ...draw.times(3, () => draw.of(HEADERS)),
    ...(draw.chance(0.25)
      ? draw.times(2, () => `${draw.of(['Connection', 'CONNECTION', 'connection'])}: ${draw.of(CONNECTIONS)}`)
      : []),
    ...(draw.chance(0.06) ? [draw.of(BAD_HEADERS)] : []),
  ]).map((line) => `${line}${draw.mostly('\r\n', 0.99, ENDS)}`);
  const start = `${draw.mostly('HTTP/1.1', 0.88, VERSIONS)} ${status}${draw.mostly(' OK', 0.8, REASONS)}`;
  const head = `${start}${draw.mostly('\r\n', 0.98, ENDS)}${headers.join('')}${draw.mostly('\r\n', 0.98, ENDS)}`;
  const isBodiless =
    method === 'HEAD' || status === '204' || status === '304' || status === '100' || status === '103';
  return `${head}${isBodiless && draw.chance(0.95) ? '' : content}`;
}

/** One change somewhere, as a fault on the way or an attacker would make it. */
function mutate(draw: Draw, bytes: Buffer): Buffer {
  const at = draw.number(bytes.length + 1);
  const until = Math.min(bytes.length, at + 1 + draw.number(8));
  const token = Buffer.from(draw.of(TOKENS), 'latin1');
  switch (draw.number(5)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(until)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(draw.number(256)), bytes.subarray(at + 1)]);
  }
}

/** @param index its number among those of the seed; each can be drawn alone */
export function drawStream(seed: number, index: number): Stream {
  const draw = new Draw(seed, index);
  const methods = Array.from({ length: 1 + draw.number(3) }, () =>
    draw.mostly('GET', 0.85, ['HEAD', 'POST']),
  );
  const interim = (): string =>
    draw.mostly('', 0.93, ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early\r\nA: b\r\n\r\n']);
  let bytes = Buffer.from(methods.map((method) => interim() + response(draw, method)).join(''), 'latin1');
  if (draw.chance(0.03)) bytes = Buffer.concat([bytes, Buffer.from(draw.of(TOKENS), 'latin1')]);
  const mutations = draw.chance(0.6) ? 0 : 1 + draw.number(2);
  for (let i = 0; i < mutations; i += 1) bytes = Buffer.from(mutate(draw, bytes));
  if (draw.chance(0.1)) bytes = bytes.subarray(0, draw.number(bytes.length + 1));
  return {
    methods,
    bytes,
    cuts: Array.from({ length: 3 }, () => draw.number(bytes.length + 1)).sort((a, b) => a - b),
  };
}
