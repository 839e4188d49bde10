// Runs in a worker of the browser under test: a decoder's graph under WebGPU, whose log says which node ran where.

import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/webgpu';
import { score } from '../../../src/loss/loss.js';
import { openModel } from '../../../src/models/open.js';
import type { Runtime, Session, Tensor } from '../../../src/models/runtime.js';
import { type BlobFiles, fetchBlobs, openBlobs } from '../../../src/web/checkpoint_files.js';
import { codesFor } from '../../node/gpu_codes.js';

env.wasm.wasmPaths = { mjs: '/ort-webgpu.mjs', wasm: '/ort-webgpu.wasm' };
env.wasm.numThreads = 1;
env.logLevel = 'verbose';

/** As little of a runtime as scoring needs. */
function gpuRuntime(files: BlobFiles): Runtime {
  return {
    version: 'onnxruntime-web',
    device: 'webgpu',
    instructions: 'none',
    ...{ resumes: false, overwrites: false, fused: false },
    async open(graph): Promise<Session> {
      const externalData = await Promise.all(
        [...files.located()].map(async ([path, blob]) => ({
          path,
          data: new Uint8Array(await blob.arrayBuffer()),
        })),
      );
      const session = await InferenceSession.create(graph.onnx, {
        executionProviders: ['webgpu'],
        logSeverityLevel: 0,
        externalData,
      });
      const absent = () => Promise.reject(new Error('is not asked for'));
      return {
        async run(feeds, { fetch }) {
          const given = Object.entries(feeds).map(([name, value]) => {
            if ('kept' in value) throw new Error(`${name} is kept`);
            return [name, new OrtTensor(value.type, value.data, value.dims)] as const;
          });
          const results = await session.run(Object.fromEntries(given), [...fetch]);
          const tensors = fetch.map((name): [string, Tensor] => {
            const { data, dims } = results[name];
            if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`);
            return [name, { type: 'float32', data, dims }];
          });
          return { tensors: Object.fromEntries(tensors), kept: {} };
        },
        allocate: absent,
        release: absent,
        close: () => session.release(),
      };
    },
    close: () => Promise.resolve(),
  };
}

self.onmessage = async ({ data: name }: MessageEvent<string>) => {
  try {
    const files = openBlobs(name, await fetchBlobs(`/${name}`, ['config.json', 'model.safetensors']));
    const model = await openModel(files, gpuRuntime(files));
    const { values } = await score(model, codesFor(model));
    await model.close();
    self.postMessage({ loss: [...values] });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
