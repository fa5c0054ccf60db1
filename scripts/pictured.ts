/** What of a page its pictures show, as a hash that each of them carries: so a test can tell that they are out of date. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { comparable } from '../test/docs/blocks.ts';

/** Where the pictures end. */
const LAST_SECTION = /<section id="timeline".*?<\/section>/s;

/**
 * @param page an HTML report
 * @returns a hash of its style and of what it says down to its timeline, without what differs from run to run
 */
export function lookOf(page: string): string {
  const style = /<style>.*?<\/style>/s.exec(page)?.[0];
  const last = LAST_SECTION.exec(page);
  const from = page.indexOf('<body>');
  if (style === undefined || last === null || from === -1)
    throw new Error('the page has no style, body or timeline');
  const shown = page
    .slice(from, last.index + last[0].length)
    .replace(/<svg.*?<\/svg>/gs, '<svg/>')
    .replace(/<dd>.*?<\/dd>/gs, '<dd/>');
  return createHash('sha256').update(style).update(comparable(shown).join('\n')).digest('hex');
}

const KEYWORD = 'Shakedown-Look';
/** The type, length and checksum of its last chunk, which is empty. */
const END = 12;

/** @returns the same PNG with the hash of the page in it, as a chunk of text */
export function withLook(png: Buffer, look: string): Buffer {
  const body = Buffer.from(`tEXt${KEYWORD}\0${look}`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length - 4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, -END), length, body, checksum, png.subarray(-END)]);
}

/** @returns the hash of the page that a PNG was made from; undefined if it does not tell */
export const lookIn = (png: Buffer): string | undefined =>
  new RegExp(`tEXt${KEYWORD}\\0([0-9a-f]{64})`).exec(png.toString('latin1'))?.[1];
