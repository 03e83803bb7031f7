import fastJson from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

type Serialize = ReturnType<FastifySerializerCompiler<object>>

const serializers = new WeakMap<object, Serialize>()

/**
 * Compiles the schema of a response. Fastify would compile it again for HEAD and for each operation that has the same
 * response, which delays the start.
 */
export const serializerCompiler: FastifySerializerCompiler<object> = ({ schema }) => {
  const serialize = serializers.get(schema) ?? fastJson(schema)
  serializers.set(schema, serialize)
  return serialize
}
