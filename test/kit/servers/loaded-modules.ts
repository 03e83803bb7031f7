import type { Test } from 'tap'
import { startScript, type Child, type ServerName } from './child.ts'

const script = new URL('../../support/loaded-modules.mjs', import.meta.url)

/** Runs a built server that prints which modules it has loaded when it exits. Killed with the test. */
export function startListingModules (t: Test, server: ServerName, env: Readonly<Record<string, string>>): Child {
  return startScript(t, script, { ...env, SERVER: server })
}

/** Returns the CommonJS modules that a server has loaded, once it has exited. */
function loadedModules (child: Child): readonly string[] {
  return /^loaded: (.*)$/m.exec(child.stdout())?.[1]?.split(' ') ?? []
}

/** Returns the modules of the OpenTelemetry SDK. prom-client loads the API, which does nothing without the SDK. */
export function loadedSdkModules (child: Child): readonly string[] {
  return loadedModules(child).filter(file => /@opentelemetry\/(?!api\/)|@fastify\/otel/.test(file))
}

/** Asserts that a server without a collector, which has exited, has loaded no module of the OpenTelemetry SDK. */
export function checkNoSdkIsLoaded (t: Test, child: Child): void {
  t.ok(loadedModules(child).some(file => file.includes('fastify')))
  t.same(loadedSdkModules(child), [])
}
