import { TraceFlags } from '@opentelemetry/api'
import { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace'

/**
 * Returns the sampler that all servers use. Sampling depends only on the trace id, so that all servers sample the same
 * traces. The sampled flag in the `traceparent` of a client is ignored. A batch is sampled if one of its requests is.
 * @param ratio the fraction of traces to sample, from 0 to 1.
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
