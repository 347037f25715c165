// @asset_id@ as a three.js LOD object.
//
//   import * as THREE from 'three';
//   import { load } from './@asset_id@.mjs';
//   scene.add(await load(THREE, gltfLoader, camera));
//
// The loader needs the decoders that the files use: setKTX2Loader, setMeshoptDecoder.
const RUNGS = @rungs@;
// Diameter of the bounding sphere over the height of the screen below which a rung is shown.
const SIZES = @sizes@;
const CULLED = @culled@;
const DIAMETER = @diameter@; // metres

/** How far away the model has this size on screen. */
export function distanceAt(size, camera) {
  return DIAMETER / (2 * size * Math.tan((camera.fov * Math.PI) / 360));
}

/** The LOD object; `base` is the folder or URL of the GLBs. */
export async function load(THREE, loader, camera, base = new URL('.', import.meta.url).href) {
  const files = await Promise.all(RUNGS.map((name) => loader.loadAsync(base + name)));
  const lod = new THREE.LOD();@animations@
  files.forEach((file, level) => {
    lod.addLevel(file.scene, level === 0 ? 0 : distanceAt(SIZES[level], camera));
  });
  lod.addLevel(new THREE.Object3D(), distanceAt(CULLED, camera));
  return lod;
}
