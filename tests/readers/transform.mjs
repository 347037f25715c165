// Reads GLBs with glTF-Transform: all accessors and images decoded; one line of JSON a file.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, ...files] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(path.join(modules, name)).href);
const { NodeIO, Logger } = await from('@gltf-transform/core/dist/index.js');
const { ALL_EXTENSIONS } = await from('@gltf-transform/extensions/dist/index.js');
const { MeshoptDecoder } = await from('meshoptimizer/meshopt_decoder.mjs');
const { default: draco } = await from('draco3dgltf/draco3dgltf.js');
await MeshoptDecoder.ready;
const io = new NodeIO()
  .setLogger(new Logger(Logger.Verbosity.ERROR))
  .registerExtensions(ALL_EXTENSIONS)
  .registerDependencies({
    'meshopt.decoder': MeshoptDecoder,
    'draco3d.decoder': await draco.createDecoderModule(),
  });

for (const file of files) {
  const root = (await io.read(file)).getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  const nodes = [];
  scene.traverse((node) => nodes.push(node));
  let triangles = 0;
  for (const node of nodes) {
    for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
      triangles += primitive.getIndices().getCount() / 3;
    }
  }
  console.log(JSON.stringify({
    nodes: nodes.map((node) => node.getName()),
    meshes: root.listMeshes().length,
    triangles,
    finite: root.listAccessors().every((one) => one.getArray().every(Number.isFinite)),
    images: root.listTextures().map((one) => one.getSize()),
    authorship: root.getAsset().extras?.authorship ?? null,
  }));
}
