import { TraceFlags } from '@opentelemetry/api'
import { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace'

/**
 * Returns the sampler of all servers. A trace id alone decides whether its requests are sampled, so that all servers
 * choose the same ones, whatever the `traceparent` of a client demands. A batch is sampled if one of its requests is.
 * @param ratio the share of the traces that are sampled, from 0 to 1.
 */
export function createSampler (ratio: number): Sampler {
  const byTraceId = new TraceIdRatioBasedSampler(ratio)
  const root: Sampler = {
    shouldSample (context, traceId, _name, _kind, _attributes, links) {
      const isLinked = links.some(({ context: { traceFlags } }) => (traceFlags & TraceFlags.SAMPLED) !== 0)
      return isLinked ? { decision: SamplingDecision.RECORD_AND_SAMPLED } : byTraceId.shouldSample(context, traceId)
    },
    toString: () => `Laurel{${byTraceId.toString()}}`
  }
  return new ParentBasedSampler({ root, remoteParentSampled: root, remoteParentNotSampled: root })
}
