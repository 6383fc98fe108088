"use strict";
// Two views that turn together: the map before and after, at the level that encloses the same volume, with the model. Where
// they cannot be drawn, whatever the reason, the frame gives way to a sentence that points to the slices.
(async function () {
    const section = document.getElementById("view"), note = document.getElementById("view-note");
    const part = document.getElementById("view-part"), frame = document.getElementById("view-frame"), wait = document.getElementById("view-wait");
    if (!document.createElement("canvas").getContext("webgl2") || !window.$3Dmol || !window.DecompressionStream) {
        giveWay("none", "This browser shows no 3-D graphics (WebGL)");
        return;
    }
    note.textContent = note.dataset.drawn;
    part.hidden = false;
    try {
        // It takes seconds where no graphics card helps: the page is shown first.
        await new Promise(shown => setTimeout(shown, 50));
        await show();
        wait.remove();
        section.dataset.state = "drawn";
    } catch (error) {
        giveWay("failed", `The 3-D graphics of this browser failed (${error.message ?? error})`);
    }

    function giveWay(state, reason) {
        part.remove();
        note.textContent = `${reason}: the slices show the same maps.`;
        section.dataset.state = state;
    }

    async function show() {
        const scene = JSON.parse(document.getElementById("scene").textContent);
        const maps = [await unpack(scene.before), await unpack(scene.after)];
        const viewers = $3Dmol.createViewerGrid("view-frame", { rows: 1, cols: 2, control_all: true }, { backgroundColor: "white", antialias: true })[0];
        for (const canvas of frame.querySelectorAll("canvas"))
            canvas.addEventListener("webglcontextlost", () => giveWay("failed", "The 3-D graphics of this browser came to an end; load the page again to have them back"));
        const slider = document.getElementById("view-volume"), solid = document.getElementById("view-solid");
        const model = document.getElementById("view-model"), told = document.getElementById("view-told");

        if (scene.model) {
            for (const viewer of viewers) {
                viewer.addModel(scene.model, "pdb");
                style(viewer);
            }
        }
        model.disabled = !scene.model;
        const [centre, radius] = extent(draw());
        for (const viewer of viewers) {
            // It looks at the atoms alone, and so misses what has none.
            viewer.zoomTo();
            const view = viewer.getView(), narrow = Math.max(1, 2 * frame.clientHeight / frame.clientWidth);
            view.splice(0, 4, ...centre.map(c => -c), viewer.CAMERA_Z - 1.1 * narrow * radius / Math.tan(viewer.camera.fov / 2 * Math.PI / 180));
            viewer.setView(view);
            viewer.rotate(60, "x");
        }
        render();
        slider.addEventListener("input", () => { told.textContent = volume().toLocaleString("en") + " Å³"; });
        slider.addEventListener("change", () => { draw(); render(); });
        solid.addEventListener("change", () => { draw(); render(); });
        model.addEventListener("change", () => { viewers.forEach(style); render(); });

        function volume() {
            // From a fifth to five times the volume of the scene; at the start half of it, where side chains stand out.
            return Math.round(scene.volume * Math.pow(5, slider.value / 50));
        }

        function style(viewer) {
            const byB = { colorfunc: atom => viridis((atom.b - scene.b[0]) / Math.max(scene.b[1] - scene.b[0], 1e-6)) };
            viewer.setStyle({}, model.checked ? (scene.trace ? { cartoon: { style: "trace", ...byB } } : { stick: { radius: 0.16, ...byB }, sphere: { scale: 0.12, ...byB } }) : {});
        }

        // The middle of a surface, and how far from it nearly all of it lies: noise has specks anywhere.
        function extent(vertices) {
            const centre = ["x", "y", "z"].map(axis => vertices.reduce((sum, v) => sum + v[axis], 0) / Math.max(vertices.length, 1));
            const distances = Float64Array.from(vertices, v => Math.hypot(v.x - centre[0], v.y - centre[1], v.z - centre[2])).sort();
            return [centre, distances[Math.floor(0.98 * distances.length)] ?? 50];
        }

        // Returns the points of the last surface.
        function draw() {
            let points;
            told.textContent = volume().toLocaleString("en") + " Å³";
            section.dataset.triangles = "";
            viewers.forEach((viewer, i) => {
                viewer.removeAllShapes();
                const mesh = surface(maps[i], scene.size, level(maps[i], volume() / (scene.step[0] * scene.step[1] * scene.step[2])));
                points = mesh.vertexArr;
                section.dataset.triangles += ` ${mesh.faceArr.length / 3}`;
                if (mesh.faceArr.length > 0)
                    viewer.addCustom({ ...mesh, color: "#c3cad2", opacity: solid.checked ? 1 : 0.55 });
            });
            return points;
        }

        function render() {
            for (const viewer of viewers)
                viewer.render();
        }

        async function unpack(text) {
            const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
            return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
        }

        // The level above which that many voxels lie, between whole numbers by their part.
        function level(values, voxels) {
            const counts = new Float64Array(257);
            for (const value of values)
                counts[value]++;
            let above = 0;
            for (let value = 255; value > 0; value--) {
                if (above + counts[value] >= voxels)
                    return value + 0.5 - (voxels - above) / Math.max(counts[value], 1);
                above += counts[value];
            }
            return 0.5;
        }

        // A surface net (Gibson 1998): a vertex in each cell that the level passes through, at the mean of where it passes the
        // cell's edges, and four of them around each edge that it passes.
        function surface(values, [nx, ny, nz], at) {
            const vertexArr = [], normalArr = [], faceArr = [], cells = new Int32Array(nx * ny * nz).fill(-1);
            const steps = [1, nx, nx * ny], corners = [0, 1, nx, nx + 1, nx * ny, nx * ny + 1, nx * ny + nx, nx * ny + nx + 1];
            const edges = [[0, 1], [2, 3], [4, 5], [6, 7], [0, 2], [1, 3], [4, 6], [5, 7], [0, 4], [1, 5], [2, 6], [3, 7]];
            for (let z = 0; z < nz - 1; z++) for (let y = 0; y < ny - 1; y++) for (let x = 0; x < nx - 1; x++) {
                const place = (z * ny + y) * nx + x;
                let inside = 0;
                for (let c = 0; c < 8; c++)
                    if (values[place + corners[c]] > at)
                        inside |= 1 << c;
                if (inside === 0 || inside === 255)
                    continue;
                let sx = 0, sy = 0, sz = 0, count = 0;
                for (const [a, b] of edges) {
                    if (((inside >> a) & 1) === ((inside >> b) & 1))
                        continue;
                    const va = values[place + corners[a]], vb = values[place + corners[b]], t = (at - va) / (vb - va);
                    sx += (a & 1) + t * ((b & 1) - (a & 1));
                    sy += ((a >> 1) & 1) + t * (((b >> 1) & 1) - ((a >> 1) & 1));
                    sz += (a >> 2) + t * ((b >> 2) - (a >> 2));
                    count++;
                }
                cells[place] = vertexArr.length;
                vertexArr.push({
                    x: scene.origin[0] + (x + sx / count) * scene.step[0], y: scene.origin[1] + (y + sy / count) * scene.step[1],
                    z: scene.origin[2] + (z + sz / count) * scene.step[2],
                });
                normalArr.push({ x: 0, y: 0, z: 0 });
            }
            for (let z = 1; z < nz - 1; z++) for (let y = 1; y < ny - 1; y++) for (let x = 1; x < nx - 1; x++) {
                const place = (z * ny + y) * nx + x, isIn = values[place] > at;
                for (let axis = 0; axis < 3; axis++) {
                    if (isIn === values[place + steps[axis]] > at)
                        continue;
                    const u = steps[(axis + 1) % 3], v = steps[(axis + 2) % 3];
                    const quad = [cells[place], cells[place - u], cells[place - u - v], cells[place - v]];
                    if (quad.some(corner => corner < 0))
                        continue;
                    if (!isIn)
                        quad.reverse();
                    face(quad[0], quad[1], quad[2]);
                    face(quad[0], quad[2], quad[3]);
                }
            }
            for (const n of normalArr) {
                const length = Math.hypot(n.x, n.y, n.z) || 1;
                n.x /= length; n.y /= length; n.z /= length;
            }
            return { vertexArr, normalArr, faceArr };

            function face(a, b, c) {
                const p = vertexArr[a], q = vertexArr[b], r = vertexArr[c];
                const ux = q.x - p.x, uy = q.y - p.y, uz = q.z - p.z, vx = r.x - p.x, vy = r.y - p.y, vz = r.z - p.z;
                const n = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
                for (const corner of [a, b, c]) {
                    normalArr[corner].x += n[0]; normalArr[corner].y += n[1]; normalArr[corner].z += n[2];
                }
                faceArr.push(a, b, c);
            }
        }

        function viridis(place) {
            const anchors = [[68, 1, 84], [59, 81, 139], [33, 144, 141], [92, 200, 99], [253, 231, 37]];
            const at = Math.min(Math.max(place, 0), 1) * 4, first = Math.min(Math.floor(at), 3);
            const mix = c => Math.round(anchors[first][c] + (at - first) * (anchors[first + 1][c] - anchors[first][c]));
            return (mix(0) << 16) | (mix(1) << 8) | mix(2);
        }
    }
})();
