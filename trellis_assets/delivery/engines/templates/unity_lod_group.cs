// Builds @asset_id@.prefab with a LOD Group and convex colliders from the GLBs beside this folder,
// whenever they are imported. Needs an importer for .glb (glTFast or UnityGLTF).
using System;
using System.IO;
using UnityEditor;
using UnityEngine;

namespace TrellisAssets.@namespace@
{
    sealed class LodGroupBuilder : AssetPostprocessor
    {
        static readonly string[] Rungs = { @rungs@ };
        // Share of the screen's height below which each level gives way to the next.
        static readonly float[] Heights = { @heights@ };
        const string Collision = "@collision@";
        const string MaskMap = "@mask_map@";
        const string Prefab = "@asset_id@.prefab";

        // The script may be compiled only after the GLBs were imported.
        [InitializeOnLoadMethod]
        static void OnLoad() => EditorApplication.delayCall += () => Build(force: false);

        static void OnPostprocessAllAssets(
            string[] imported, string[] deleted, string[] moved, string[] movedFrom)
        {
            string folder = Folder();
            foreach (string path in imported)
                if (folder != null && Array.Exists(Rungs, name => path == folder + "/" + name))
                {
                    EditorApplication.delayCall += () => Build(force: true);
                    return;
                }
        }

        // The folder with the GLBs: the parent of the Editor folder that holds this script.
        static string Folder()
        {
            foreach (string guid in AssetDatabase.FindAssets("@asset_id@_LodGroup t:MonoScript"))
            {
                string folder = Path.GetDirectoryName(
                    Path.GetDirectoryName(AssetDatabase.GUIDToAssetPath(guid)));
                folder = folder?.Replace('\\', '/');
                if (folder != null && File.Exists(folder + "/" + Rungs[0]))
                    return folder;
            }
            return null;
        }

        static void Build(bool force)
        {
            string folder = Folder();
            if (folder == null || (!force && File.Exists(folder + "/" + Prefab)))
                return;
            var root = new GameObject("@asset_id@");
            try
            {
                var levels = new LOD[Rungs.Length];
                for (int level = 0; level < Rungs.Length; level++)
                {
                    GameObject rung = Instance(folder + "/" + Rungs[level], root);
                    if (rung == null)
                        return; // not imported yet
                    levels[level] = new LOD(
                        Heights[level], rung.GetComponentsInChildren<Renderer>());
                }
                var group = root.AddComponent<LODGroup>();
                group.SetLODs(levels);
                group.RecalculateBounds();
                AddColliders(folder, root);
                ReadMaskMapAsLinear(folder);
                PrefabUtility.SaveAsPrefabAsset(root, folder + "/" + Prefab);
            }
            finally
            {
                UnityEngine.Object.DestroyImmediate(root);
            }
        }

        static GameObject Instance(string path, GameObject parent)
        {
            var model = AssetDatabase.LoadAssetAtPath<GameObject>(path);
            return model == null
                ? null
                : (GameObject)PrefabUtility.InstantiatePrefab(model, parent.transform);
        }

        static void AddColliders(string folder, GameObject root)
        {
            if (Collision.Length == 0)
                return;
            GameObject hulls = Instance(folder + "/" + Collision, root);
            if (hulls == null)
                return;
            PrefabUtility.UnpackPrefabInstance(
                hulls, PrefabUnpackMode.Completely, InteractionMode.AutomatedAction);
            foreach (MeshFilter filter in hulls.GetComponentsInChildren<MeshFilter>())
            {
                var collider = filter.gameObject.AddComponent<MeshCollider>();
                collider.convex = true;
                collider.sharedMesh = filter.sharedMesh;
                if (filter.TryGetComponent(out MeshRenderer renderer))
                    UnityEngine.Object.DestroyImmediate(renderer);
                UnityEngine.Object.DestroyImmediate(filter);
            }
        }

        static void ReadMaskMapAsLinear(string folder)
        {
            if (AssetImporter.GetAtPath(folder + "/" + MaskMap) is TextureImporter importer
                && importer.sRGBTexture)
            {
                importer.sRGBTexture = false;
                importer.SaveAndReimport();
            }
        }
    }
}
