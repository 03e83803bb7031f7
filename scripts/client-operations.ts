import { IdempotencyKey, type RouteContract } from '@laurel/shared/contracts'
import type { TSchema } from 'typebox'

/** Returns the text of `client/src/operations.ts`: how the client calls each operation. */
export function clientOperations (contracts: readonly RouteContract[]): string {
  return [
    '// Generated from the contracts by `npm run readme`.',
    "import type { Operation } from './request.ts'",
    "import type { OperationId } from './types.ts'",
    '',
    'export const operations: Readonly<Record<OperationId, Operation>> = {',
    contracts.map(contract => `  ${contract.operationId}: { ${propertiesOf(contract).join(', ')} }`).join(',\n'),
    '}',
    ''
  ].join('\n')
}

function propertiesOf ({ method, url, access, schema, repeatable }: RouteContract): string[] {
  const { querystring, body, headers } = schema
  const query = body === undefined ? [] : namesOf(querystring).filter(name => !namesOf(body).includes(name))
  return [
    `method: '${method}'`,
    `path: '${url}'`,
    ...query.length > 0 ? [`query: [${query.map(name => `'${name}'`).join(', ')}]`] : [],
    ...access === 'public' ? ['public: true'] : [],
    ...headers === IdempotencyKey ? ['acceptsIdempotencyKey: true'] : [],
    ...repeatable === true ? ['repeatable: true'] : []
  ]
}

function namesOf (schema?: TSchema): string[] {
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}
