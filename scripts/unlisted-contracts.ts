import * as shared from '@laurel/shared/contracts'

/** Returns the names of the contracts that are exported but missing in the list `contracts`. */
export function unlistedContracts (): string[] {
  const listed = new Set<unknown>(shared.contracts)
  return Object.values(shared).flatMap(module => Object.values(module as object))
    .filter(value => Object.hasOwn(Object(value), 'operationId') && !listed.has(value))
    .map(({ operationId }) => operationId)
}
