import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, settings } from '@laurel/shared/config'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'

interface Panel { readonly title: string, readonly targets?: ReadonlyArray<{ readonly expr: string }> }
interface Rule { readonly alert: string, readonly expr: string, readonly labels: { readonly severity: string } }
type Manifest = Readonly<Record<string, any>>

const read = (path: string): string => readFileSync(path, 'utf8')
const { panels }: { panels: readonly Panel[] } = JSON.parse(read('deploy/monitoring/grafana/dashboards/laurel.json'))
const { groups }: { groups: ReadonlyArray<{ rules: readonly Rule[] }> } = parse(read('deploy/monitoring/alerts.yml'))
const rules = groups.flatMap(({ rules }) => rules)
const services: Record<string, Manifest> = parse(read('docker-compose.yml'), { merge: true }).services
const base = readdirSync('deploy/kubernetes/base')
  .filter(name => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .flatMap(name => parseAllDocuments(read(join('deploy/kubernetes/base', name))))
  .map(document => document.toJS() as Manifest)
const ofKind = (kind: string): Manifest[] => base.filter(manifest => manifest['kind'] === kind)

/** The label by which Kubernetes finds the pods of a server. */
const nameLabel = 'app.kubernetes.io/name'

/** The source of the three servers and of `shared`. */
const source = ['shared/src', 'gateway/src', 'auth-service/src', 'event-service/src']
  .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)))
  .filter(file => file.endsWith('.ts'))
  .map(read)
  .join('\n')

t.test('every metric of the dashboard and the alerts exists', async t => {
  const expressions = [...panels.flatMap(({ targets = [] }) => targets), ...rules].map(({ expr }) => expr)
  const names = expressions.flatMap(expr => expr.match(/\blaurel_[a-z_]+/g) ?? [])
  const metrics = new Set(names.map(name => name.replace(/_(bucket|count|sum)$/, '')))
  t.ok(metrics.size >= 8)
  for (const metric of metrics) t.ok(source.includes(`'${metric}'`), metric)
})

t.test('every alert has a section in the runbook, and every section an alert', async t => {
  const [, alerts = ''] = /^## Alerts\n([^]*?)^## /m.exec(read('docs/runbook.md')) ?? []
  t.same([...alerts.matchAll(/^### (.*)$/gm)].map(([, title]) => title), rules.map(({ alert }) => alert))
  for (const { alert, labels } of rules) t.match(labels.severity, /^(page|ticket|info)$/, alert)
})

t.test('compose and Kubernetes set only variables that exist', async t => {
  const names = new Set(Object.keys(settings))
  const used = [
    ...Object.values(services)
      .filter(({ build }) => typeof build === 'object')
      .flatMap(({ environment }) => Object.keys(environment)),
    ...ofKind('Deployment').flatMap(({ spec }) => spec.template.spec.containers[0].env).map(({ name }) => name)
  ]
  t.ok(used.length > 30)
  t.same(used.filter(name => !names.has(name.replace(/_FILE$/, '')) && !names.has(name)), [])
})

t.test('every container of compose rotates its log, and long-running containers have a memory limit', async t => {
  for (const [name, service] of Object.entries(services)) {
    t.match(service, { logging: { driver: 'json-file', options: { 'max-size': '10m' } } }, name)
    if (service['restart'] === 'unless-stopped') t.type(service['mem_limit'], 'string', name)
  }
})

t.test('a deployment has the ports, probes and limits of its server', async t => {
  const { PORT, AUTH_PORT, EVENT_PORT } = loadConfig(['PORT', 'AUTH_PORT', 'EVENT_PORT'], {})
  const ports = { gateway: PORT, 'auth-service': AUTH_PORT, 'event-service': EVENT_PORT }
  const deployments = ofKind('Deployment')
  t.same(deployments.map(({ metadata }) => metadata.name).sort(), Object.keys(ports).sort())
  for (const { metadata, spec } of deployments) {
    const { securityContext, automountServiceAccountToken, containers: [container] } = spec.template.spec
    t.equal(container.ports[0].containerPort, ports[metadata.name as keyof typeof ports])
    t.match(container.startupProbe.httpGet, { path: '/health/live', port: 'http' })
    t.match(container.livenessProbe.httpGet, { path: '/health/live', port: 'http' })
    t.match(container.readinessProbe.httpGet, { path: '/health/ready', port: 'http' })
    t.match(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    t.match(container.securityContext, {
      allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] }
    })
    t.equal(automountServiceAccountToken, false)
    t.match(container.resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
  }
})

t.test('all resources of a deployment select its pods', async t => {
  const labelsOf = (kind: string, labelOf: (spec: Manifest) => string): string[] =>
    ofKind(kind).map(({ spec }) => labelOf(spec)).sort()
  const labels = labelsOf('Deployment', spec => spec['template'].metadata.labels[nameLabel])
  t.equal(labels.length, 3)
  t.same(labelsOf('Deployment', spec => spec['selector'].matchLabels[nameLabel]), labels)
  t.same(labelsOf('Service', spec => spec['selector'][nameLabel]), labels)
  t.same(labelsOf('PodDisruptionBudget', spec => spec['selector'].matchLabels[nameLabel]), labels)
  t.same(labelsOf('HorizontalPodAutoscaler', spec => spec['scaleTargetRef'].name), labels)
})

t.test('network policies deny everything by default, and only the gateway can be reached from anywhere', async t => {
  const policies = ofKind('NetworkPolicy')
  const rest = policies.find(({ metadata }) => metadata.name === 'default-deny')
  t.match(rest, { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } })
  const open = policies.filter(({ spec }) => spec.ingress?.some((rule: Manifest) => rule['from'] === undefined))
  t.same(open.map(({ spec }) => spec.podSelector.matchLabels), [{ [nameLabel]: 'gateway' }])
})

t.test('secrets are references, and the page about Kubernetes names each of them', async t => {
  const page = read('deploy/kubernetes/README.md')
  const env: Manifest[] = ofKind('Deployment').flatMap(({ spec }) => spec.template.spec.containers[0].env)
  const secrets = env.filter(({ name }) => /URI|PASSWORD|SECRET|REDIS/.test(name))
  t.equal(secrets.length, 4)
  for (const { name, valueFrom } of secrets) t.ok(page.includes(`\`${valueFrom?.secretKeyRef?.name}\``), name)
})
