import { expect, test } from 'vitest';
import { nearest, PLAIN, spansOf } from '../../../../src/report/html/log/colours.ts';

const ESC = '\u001b';
const shown = (line: string): string[] =>
  spansOf(line, PLAIN).spans.map(
    ({ text, style }) =>
      `${[style.text, style.ground, ...style.marks].filter((each) => each !== null).join(',')}|${text}`,
  );

test.each([
  ['plain', ['|plain']],
  [`${ESC}[31mred${ESC}[0m not`, ['1|red', '| not']],
  [`${ESC}[1;92mb${ESC}[22mg${ESC}[39m.`, ['10,bold|b', '10|g', '|.']],
  [`${ESC}[44mon blue${ESC}[49m`, ['4|on blue']],
  [`${ESC}[38;5;196ma${ESC}[38;5;244mb${ESC}[38;5;4mc`, ['9|a', '8|b', '4|c']],
  [`${ESC}[38;2;0;200;0ma${ESC}[48;2;10;10;10mb`, ['2|a', '2,0|b']],
  [`${ESC}[38:2:255:0:0ma`, ['9|a']],
  [`${ESC}[4m_${ESC}[24m${ESC}[7mi`, ['underline|_', 'inverse|i']],
  // Incomplete, unknown, or beyond what there is.
  [`${ESC}[38;5ma`, ['|a']],
  [`${ESC}[38;5;999ma`, ['|a']],
  [`${ESC}[61ma`, ['|a']],
  [`${ESC}[ma`, ['|a']],
  // What is no colour is left out.
  [`${ESC}]0;title\u0007a${ESC}[2Jb`, ['|a', '|b']],
  [`${ESC}]8;;https://example.com${ESC}\\link${ESC}]8;;${ESC}\\`, ['|link']],
  ['10%\r20%\r', ['|20%']],
  ['windows\r', ['|windows']],
])('%j', (line, spans) => {
  expect(shown(line)).toEqual(spans);
});

test('a colour lasts until it is ended, over lines', () => {
  const { after } = spansOf(`${ESC}[33mwarning:`, PLAIN);
  expect(spansOf('goes on', after).spans).toEqual([{ text: 'goes on', style: { ...PLAIN, text: 3 } }]);
});

test.each([
  [0, 0, 0, 0],
  [255, 255, 255, 15],
  [128, 128, 128, 8],
  [200, 200, 200, 7],
  [200, 0, 0, 1],
  [255, 80, 80, 9],
  [255, 255, 0, 11],
  [0, 200, 200, 6],
  [0, 0, 255, 12],
  [200, 0, 180, 5],
  [200, 0, 20, 1],
])('%d, %d, %d is most like %d', (red, green, blue, index) => {
  expect(nearest(red, green, blue)).toBe(index);
});
