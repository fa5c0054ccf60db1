/** Pages in a real browser, without a network: what they ask for, complain of, and what an auditor of accessibility finds. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { AxeResults, Result } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

export interface Look {
  readonly colors?: 'light' | 'dark';
  /** Of the window, in CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Whether scripts run; default: true. */
  readonly scripts?: boolean;
}

/** A page that is open, and what it has done since. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What it wrote on the console as errors or warnings, what it threw, and what its policy forbade. */
  readonly complaints: readonly string[];
  /** Every address it asked for, besides its own. */
  readonly requests: readonly string[];
  /** What the auditor calls serious or critical, each in a line. */
  readonly audit: () => Promise<string[]>;
}

const violationLine = ({ id, help, nodes }: Result): string =>
  `${id}: ${help}: ${nodes
    .slice(0, 3)
    .map(({ html }) => html.slice(0, 200))
    .join(' | ')}`;

/** A browser for the tests of a file. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    return new TestBrowser(
      await chromium.launch({
        executablePath: CHROMIUM,
        // Root may not have a sandbox.
        args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
      }),
    );
  }

  /** Opens a file as a user would, by its address, with the network off. */
  async open(
    file: string,
    { colors = 'light', width = 1280, height = 900, scripts = true }: Look = {},
  ): Promise<OpenPage> {
    const context = await this.#browser.newContext({
      ...{ offline: true, colorScheme: colors, viewport: { width, height }, javaScriptEnabled: scripts },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const address = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== address) requests.push(request.url());
    });
    await page.goto(address);
    return {
      ...{ page, complaints, requests },
      audit: async () => {
        // By the protocol of the debugger, which a policy of the page does not bind.
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() =>
          (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
        );
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(violationLine);
      },
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
