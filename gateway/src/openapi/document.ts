import type { RouteContract } from '@laurel/shared/contracts'
import { laurelVersion } from '@laurel/shared/version'
import { createComponents, type JsonObject } from './components.ts'
import { describeOperation } from './operation.ts'
import { tagDescriptions } from './tags.ts'

const description = `Operators define events and rewards. Users claim the rewards.
The platform checks what each user did, grants a reward at most once, and rejects everything else.

Errors are problem documents (RFC 9457) with a stable \`code\`. Their \`type\` leads to a page about the code.`

/** An OpenAPI 3.1 document without `servers`, which depends on the request. */
export type OpenApiDocument = JsonObject

/** Returns the OpenAPI 3.1 document of these operations. */
export function createDocument (contracts: readonly RouteContract[]): OpenApiDocument {
  const components = createComponents()
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const contract of contracts) {
    const path = paths[contract.url.replaceAll(/:([A-Za-z]+)/g, '{$1}')] ??= {}
    path[contract.method.toLowerCase()] = describeOperation(contract, components)
  }
  const { schemas, responses } = components
  const tags = [...new Set(contracts.map(({ tag }) => tag))]
  return {
    openapi: '3.1.0',
    info: {
      title: 'Laurel',
      version: laurelVersion,
      description,
      contact: { name: 'The operators of this Laurel installation' },
      license: { name: 'MIT', identifier: 'MIT' }
    },
    tags: tags.map(name => ({ name, description: String(tagDescriptions[name]) })),
    paths,
    components: {
      schemas: sortByName(schemas),
      responses: sortByName(responses),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The `accessToken` of `login`, `refresh`, or `issueClientToken`.'
        }
      }
    }
  }
}

function sortByName<T> (values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).sort(([one], [other]) => one < other ? -1 : 1))
}
