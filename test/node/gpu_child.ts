// Scores codes under a device and says, as one JSON line, which node of the decoder's graph onnxruntime put where. In a
// process of its own: drivers talk, and onnxruntime tells of placements in its log only.
//   tsx gpu_child.ts FOLDER DEVICE

import { env, InferenceSession } from 'onnxruntime-node';
import { score } from '../../src/loss/loss.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { type Device, nodeRuntime } from '../../src/node/runtime.js';
import { codesFor } from './gpu_codes.js';

const [folder, device] = process.argv.slice(2);
const runtime = nodeRuntime({ device: device as Device });
const files = openFolder(folder);
const model = await openModel(files, {
  ...runtime,
  async open(graph, opened) {
    if (graph.name.endsWith('-decoder') && !graph.name.startsWith('encodec')) {
      env.logLevel = 'verbose';
      process.chdir(files.dataFolder()); // where the graph's weights lie
      const options = { executionProviders: [device], logSeverityLevel: 0 } as const;
      await (await InferenceSession.create(graph.onnx, options)).release();
      env.logLevel = 'fatal';
    }
    return runtime.open(graph, opened);
  },
});
const { values, entropy, spread = [] } = await score(model, codesFor(model));
process.stdout.write(
  `${JSON.stringify({ loss: [...values], entropy: [...entropy], spread: [...spread] })}\n`,
);
await model.close();
