/** A registry of images on the loopback interface, with one image that comes, and one that never does. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface ImageRegistry extends AsyncDisposable {
  /** The name of the image. */
  readonly image: string;
  /** The name of one that begins to come, and never ends. */
  readonly endless: string;
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const IMAGE = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

const part = (mediaType: string, bytes: Buffer): object => ({
  ...{ mediaType, size: bytes.length, digest: digestOf(bytes) },
});

/** What a registry has of an image. */
function partsOf(tar: Buffer, config: object) {
  const layer = gzipSync(tar, { level: 1 });
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] };
  const description = Buffer.from(JSON.stringify({ architecture, os: 'linux', config, rootfs }));
  const content = { config: part(IMAGE, description), layers: [part(LAYER, layer)] };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, ...content }));
  return { layer, description, manifest };
}

/**
 * @param tar the files of the image
 * @param config of its containers, as in an image's own description
 */
export async function startImageRegistry(tar: Buffer, config: object): Promise<ImageRegistry> {
  const images = { small: partsOf(tar, config), endless: partsOf(Buffer.from('never'), config) };
  const server = createServer((request, response) => {
    const [, name = '', what = ''] = /^\/v2\/(small|endless)\/\w+\/([\w:]+)$/.exec(request.url ?? '') ?? [];
    if (name === '') return response.end('{}');
    const image = images[name as keyof typeof images];
    const bytes =
      what === '1' ? image.manifest : Object.values(image).find((each) => digestOf(each) === what);
    if (bytes === undefined) return response.writeHead(404).end();
    response.setHeader('Content-Type', bytes === image.manifest ? MANIFEST : 'application/octet-stream');
    response.setHeader('Docker-Content-Digest', digestOf(bytes));
    response.setHeader('Content-Length', bytes.length);
    if (bytes === images.endless.layer) return response.flushHeaders();
    return response.end(request.method === 'HEAD' ? undefined : bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    image: `127.0.0.1:${port}/small:1`,
    endless: `127.0.0.1:${port}/endless:1`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
