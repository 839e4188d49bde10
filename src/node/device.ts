// Which device a name means on this machine. onnxruntime names backends that it cannot start (listSupportedBackends)
// and throws for one that is missing, also in a list with others: so each is tried with a graph of one node.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import os from 'node:os';
import { pathToFileURL } from 'node:url';
import { newGraph } from '../onnx/graph.js';
import { openFolder } from './files.js';
import { DEVICES, type Device, nodeRuntime } from './runtime.js';
import type { Warn } from './sound.js';

const require = createRequire(import.meta.url);

/** What a user asks for; `auto`: the first that is there, the CPU at last. */
export type DeviceChoice = Device | 'auto';

/** What to do about a device that is missing. */
const REMEDY: Record<Device, string> = {
  cpu: 'install losscope again',
  cuda: 'needs Linux, an NVIDIA GPU, CUDA 12 and cuDNN 9, and ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node',
  dml: 'needs Windows with DirectX 12',
  coreml: 'needs macOS',
  webgpu: 'needs a GPU with a driver for Vulkan, Metal or DirectX 12',
};

/** What `auto` tries before the CPU, by process.platform. */
const CANDIDATES: Readonly<Record<string, readonly Device[]>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
};

/**
 * The device to run on. With `auto`, `warn` gets one line with the devices that are missing and what to do.
 * @throws one line when a device asked for by name is not there.
 */
export async function findDevice(choice: DeviceChoice, warn?: Warn): Promise<Device> {
  if (choice === 'cpu') return choice;
  if (choice !== 'auto') {
    const trouble = await troubleWith(choice);
    if (trouble === undefined) return choice;
    throw new Error(
      `--device ${choice}: not on this machine: ${REMEDY[choice]} (${trouble}); or use --device cpu`,
    );
  }
  const missing: string[] = [];
  for (const device of CANDIDATES[process.platform] ?? []) {
    if ((await troubleWith(device)) === undefined) {
      if (missing.length > 0) warn?.(`--device auto: runs on ${device}; ${missing.join('; ')}`);
      return device;
    }
    missing.push(`no ${device} (${REMEDY[device]})`);
  }
  if (missing.length > 0) warn?.(`--device auto: runs on cpu; ${missing.join('; ')}`);
  return 'cpu';
}

/** The devices that really run a graph here. All but the CPU are tried in a process of their own: drivers talk, and may crash. */
export async function devicesHere(): Promise<Device[]> {
  const works = await Promise.all(
    DEVICES.map(async (device) =>
      device === 'cpu' ? (await troubleWith(device)) === undefined : worksApart(device),
    ),
  );
  return DEVICES.filter((_, i) => works[i]);
}

/** Does a device run a graph in another process? What it prints is lost. */
function worksApart(device: Device): Promise<boolean> {
  // This module as it was built, also when it runs from source: Node 20 cannot load TypeScript.
  const built = new URL('device.js', pathToFileURL(require.resolve('#session-worker')));
  const script = 'await (await import(process.argv[1])).findDevice(process.argv[2])';
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script, built.href, device], (error) =>
      resolve(error === null),
    );
  });
}

/** Why a device cannot run a graph of one node; undefined when it can. */
async function troubleWith(device: Device): Promise<string | undefined> {
  const runtime = nodeRuntime({ device, threads: 1 });
  try {
    const session = await runtime.open(doubling(), openFolder(os.tmpdir()));
    const { tensors } = await session.run(
      { x: { type: 'float32', dims: [1], data: Float32Array.of(1) } },
      { fetch: ['y'] },
    );
    return tensors.y?.data[0] === 2 ? undefined : `1 + 1 gave ${tensors.y?.data[0]}`;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 120);
  } finally {
    await runtime.close();
  }
}

function doubling() {
  const g = newGraph('device-check');
  const x = g.input('x', 'float32', [1]);
  g.output('y', g.Add(x, x), 'float32', [1]);
  return { name: g.name, onnx: g.toBytes() };
}
