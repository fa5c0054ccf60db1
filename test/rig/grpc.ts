/** A real server of gRPC with its health service, that of grpcio for Python, by plain text and by TLS. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Pair, selfSigned } from './certificates.ts';
import { installVenv, venvPrograms } from './python-venv.ts';

const ENVIRONMENT = 'grpc';

/** @returns why it cannot be had; undefined if it is there */
export const installGrpc = (): string | undefined =>
  installVenv(ENVIRONMENT, ['grpcio', 'grpcio-health-checking']);

const PROGRAM = `
import sys
from concurrent import futures
import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

key, certificate = (open(path, "rb").read() for path in sys.argv[1:])
servicer = health.HealthServicer()
servicer.set("shop.v1.Orders", health_pb2.HealthCheckResponse.NOT_SERVING)
server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
plain = server.add_insecure_port("127.0.0.1:0")
secure = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
server.start()
print(plain, secure, flush=True)
sys.stdin.read()
`;

export interface GrpcServer extends Disposable {
  readonly plain: number;
  readonly secure: number;
  /** That of the secure port, for `localhost`. */
  readonly certificate: string;
}

/** Serves; of its service `shop.v1.Orders` it says that it does not. */
export async function startGrpc(): Promise<GrpcServer> {
  const dir = mkdtempSync(join(tmpdir(), 'grpc-'));
  const [certificate, key]: Pair = selfSigned();
  writeFileSync(join(dir, 'cert'), certificate);
  writeFileSync(join(dir, 'key'), key);
  // It ends with its input.
  const child = spawn(
    join(venvPrograms(ENVIRONMENT), 'python'),
    ['-c', PROGRAM, join(dir, 'key'), join(dir, 'cert')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  for await (const line of createInterface(child.stdout)) {
    const [plain = 0, secure = 0] = line.split(' ').map(Number);
    return {
      ...{ plain, secure, certificate },
      [Symbol.dispose]: () => {
        child.kill('SIGKILL');
        rmSync(dir, { recursive: true });
      },
    };
  }
  throw new Error('the server of gRPC has ended');
}
