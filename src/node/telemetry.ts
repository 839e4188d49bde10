// onnxruntime collects usage data and sends it to Microsoft unless ORT_DISABLE_TELEMETRY is 1 in the environment of
// the process when its native library is loaded. losscope never lets it.

import { isMainThread } from 'node:worker_threads';

const VARIABLE = 'ORT_DISABLE_TELEMETRY';

/**
 * Turns the telemetry of onnxruntime off. To be called before every start of a thread that loads it.
 *
 * @throws in a worker thread of a program that has not set the variable: only the main thread can change the
 * environment that native code reads.
 */
export function turnTelemetryOff(): void {
  if (isMainThread) {
    process.env[VARIABLE] = '1';
    return;
  }
  if (environmentOfProcess()[VARIABLE] === '1') return;
  throw new Error(
    `losscope runs in a worker thread, where it cannot turn the telemetry of onnxruntime off: set ${VARIABLE}=1 before ` +
      "the program starts, or process.env.ORT_DISABLE_TELEMETRY = '1' in its main thread",
  );
}

/** What native code reads: process.env of a worker thread is a copy. */
function environmentOfProcess(): Readonly<Record<string, unknown>> {
  const report: unknown = process.report.getReport();
  const whole = typeof report === 'object' && report !== null ? report : {};
  const variables = 'environmentVariables' in whole ? whole.environmentVariables : undefined;
  return typeof variables === 'object' && variables !== null ? { ...variables } : {};
}
