import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf } from '../../test/kit/servers/processes.ts'
import { usageOf } from './processes.ts'

/** A gateway to compare with, on its own core. */
export interface Rival {
  readonly name: string
  readonly port: number
  /** Returns the CPU time so far, including its workers, in milliseconds. */
  readonly cpu: () => number
  readonly stop: () => void
}

const firstCore = '0'

export function isInstalled (program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'].some(dir => existsSync(join(dir, program)))
}

/** Starts a program on one core. Throws if it does not respond on `port` within ten seconds. */
export async function startRival (
  name: string, port: number, command: readonly string[], env: Readonly<Record<string, string>> = {}, core = firstCore
): Promise<Rival> {
  const child = spawn('taskset', ['-c', core, ...command], {
    stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env }
  })
  const deadline = Date.now() + 10_000
  while (!await fetch(`http://127.0.0.1:${port}/v1/events`).then(() => true, () => false)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${name} did not start`)
    await sleep(50)
  }
  return {
    name,
    port,
    cpu: () => familyOf(child).reduce((sum, pid) => sum + usageOf(pid).cpu, 0),
    stop: () => { child.kill('SIGTERM') }
  }
}

function familyOf ({ pid = 0 }: ChildProcess): number[] {
  return [pid, ...childrenOf(pid).map(child => child.pid)]
}

/** Returns the command of an nginx with this `location`. */
export function nginx (dir: string, port: number, location: string, upstreams = ''): string[] {
  const file = join(dir, `nginx-${port}.conf`)
  writeFileSync(file, `worker_processes 1; daemon off; pid ${dir}/nginx-${port}.pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir};
  uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  ${upstreams}
  server { listen 127.0.0.1:${port} reuseport; ${location} }
}
`)
  return ['nginx', '-c', file]
}

/** Returns the command of a HAProxy that verifies RS256 tokens. */
export function haproxy (dir: string, port: number, upstreamPort: number, publicKeyFile: string): string[] {
  const file = join(dir, 'haproxy.cfg')
  writeFileSync(file, `global
  nbthread 1
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend laurel
  bind 127.0.0.1:${port}
  http-request set-var(txn.bearer) http_auth_bearer
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_header_query('$.alg') -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify("RS256","${publicKeyFile}") 1 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_payload_query('$.iss') -m str laurel }
  default_backend events
backend events
  server one 127.0.0.1:${upstreamPort}
`)
  return ['haproxy', '-db', '-f', file]
}
