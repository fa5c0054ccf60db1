import { expect, test } from 'vitest';
import { html, jsonBlock } from '../../../../src/report/html/markup.ts';

test('whatever is put into a template is text, in an element and in an attribute', () => {
  const hostile = `</p><script>alert("1")</script>' onclick='x`;
  expect(html`<p title="${hostile}">${hostile}</p>`.toString()).toBe(
    `<p title="&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onclick=&#39;x">&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onclick=&#39;x</p>`,
  );
});

test('markup stays markup, lists are put in piece by piece, and nothing is nothing', () => {
  const items = ['a', '<b>'].map((each) => html`<li>${each}</li>`);
  expect(html`<ul>${items}${false}${null}${undefined}${''}${0}</ul>`.toString()).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li>0</ul>',
  );
});

test('what looks like markup to whoever made it is text', () => {
  const pretender = { toString: () => '<b>' } as unknown as string;
  expect(() => html`${pretender}`.toString()).toThrow();
});

test('a document cannot hold NUL or half a character', () => {
  expect(html`a\0${'\0'}${'\ud800'}${'😀'}`.toString()).toBe('a\0��😀');
});

test('data ends neither its element nor begins a comment, and is the same when it is read', () => {
  const data = { text: '</script><!-- <script> ]]> \u2028 \0', list: [1, null, true] };
  const block = jsonBlock('some-data', data).toString();
  const [, json = ''] =
    /^<script type="application\/json" id="some-data">([^<]*)<\/script>$/.exec(block) ?? [];
  expect(JSON.parse(json)).toEqual(data);
});
