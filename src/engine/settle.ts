// What a run settles beside its actions: proofs that are missing here, records that are missing or stale.
import type { Run } from "../model/outcome.ts";
import type { Writer } from "../model/world.ts";
import { apply } from "./apply.ts";
import { proofSteps } from "./proof-steps.ts";
import { recordVouched } from "./record.ts";
import type { Planned, RunRequest } from "./request.ts";

/** Without anything to do: what has no proof here is proven, records that are missing or stale are written. No run. */
export async function settle(
  planned: Planned,
  request: RunRequest,
  world: Writer,
): Promise<Pick<Run, "outcomes" | "proven">> {
  const { recorder } = request;
  await settleRecords(planned, request);
  const steps = proofSteps(planned.judged, { ...request, records: recorder.records() });
  const { outcomes, repairs, proven } = await apply({ ...request, steps, world });
  await recorder.commit(repairs);
  return { outcomes, ...(proven > 0 && { proven }) };
}

/** Missing and stale records are written; what killed runs left in their journals is recorded, then forgotten. */
export async function settleRecords(
  planned: Planned,
  { recorder, scope }: Pick<RunRequest, "recorder" | "scope">,
): Promise<void> {
  const records = recorder.records();
  const vouched = planned.judged.flatMap((one) => recordVouched(one, records) ?? []);
  await recorder.commit([...vouched, ...planned.repairs]);
  if (scope.whole) recorder.forgetKilled();
}
