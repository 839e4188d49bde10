// losscope/node: what the core needs of Node.js, ready to hand over.

export { type LibraryOptions, openLibrary } from './dataset.js';
export { type DeviceChoice, devicesHere, findDevice } from './device.js';
export { openDrawing } from './document.js';
export { openFolder } from './files.js';
export { type FolderOptions, generateFolder } from './generate.js';
export { type ModelChoice, openNamedModel } from './open.js';
export { writeWhole } from './output.js';
export { clipSounds, pageParts } from './page_parts.js';
export { type ReportPaths, writeReport } from './report.js';
export { DEVICES, type Device, type NodeRuntimeOptions, nodeRuntime } from './runtime.js';
export { readClip, readSound, type Warn } from './sound.js';
export { checkStore, exportFile, mergeStores, openStore } from './store/index.js';
