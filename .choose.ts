import { batteryInputs } from '/work/wt/notes/src/analysis/battery_rows.js';
import { othersOf, pointsOf } from '/work/wt/notes/src/analysis/battery_versions.js';
import { openStore } from '/work/wt/notes/src/node/store/store.js';
import { chanceIn, deviateOf, referenceOf } from '/work/wt/notes/src/scores/reference.js';
const CAND = ['loss','excess','entropy','notch','contour','autocorrelation','maximum','change','unevenness','typical'] as const;
const store = await openStore(process.argv[2]);
const [input] = await batteryInputs(store);
const clips = [...input.clean.keys()].sort();
const refs = new Map(clips.map((c) => [c, referenceOf(othersOf(input, clips, c))]));
const chances = (c: string, v: any) => v === undefined ? undefined : CAND.map((s) => chanceIn(refs.get(c)!, s, v[s]));
const clean = clips.map((c) => chances(c, input.clean.get(c))!);
const pts = pointsOf(input.versions).map((p) => ({ ...p, ch: clips.map((c) => chances(c, p.versions.get(c)?.values)) }));
const strength = (set: number[], ch?: number[]) => { if (!ch) return NaN; const d = set.map((i) => ch[i]).filter((x) => !Number.isNaN(x)); return d.length ? deviateOf(Math.min(...d)) : NaN; };
const sd = (v: number[]) => { const f = v.filter(Number.isFinite); const m = f.reduce((a, b) => a + b, 0) / f.length; return Math.sqrt(f.reduce((a, b) => a + (b - m) ** 2, 0) / (f.length - 1)); };
const mean = (v: number[]) => { const f = v.filter(Number.isFinite); return f.reduce((a, b) => a + b, 0) / f.length; };
function judgeSet(set: number[]) {
  const cl = clean.map((c) => strength(set, c));
  const spread = sd(cl);
  const by = new Map<string, number[]>(); const power = new Map<string, number[]>();
  const shifts: [string, number][] = [];
  const alarm = (ch?: number[]) => { if (!ch) return NaN; const d = set.map((i) => ch[i]).filter((x) => !Number.isNaN(x)); return d.length ? (1 - (1 - Math.min(...d)) ** d.length <= 0.05 ? 1 : 0) : NaN; };
  for (const p of pts) {
    const dm = p.ch.map((c) => strength(set, c));
    if (p.harmless) { shifts.push([`${p.damage} ${p.severity}`, mean(dm.map((x, i) => (x - cl[i]) / spread))]); continue; }
    let w = 0, n = 0;
    dm.forEach((a, i) => { if (Number.isNaN(a)) return; cl.forEach((b, j) => { if (i === j || Number.isNaN(b)) return; n++; w += a > b ? 1 : a === b ? 0.5 : 0; }); });
    by.set(p.damage, [...(by.get(p.damage) ?? []), w / n]);
    power.set(p.damage, [...(power.get(p.damage) ?? []), mean(p.ch.map(alarm))]);
  }
  const auc = mean([...by.values()].map(mean));
  const found = [...power].filter(([, v]) => v.at(-1)! >= 0.8).length;
  const worst = shifts.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0];
  return { set: set.map((i) => CAND[i]).join('+'), n: set.length, auc, alarms: mean(clean.map(alarm)), found, worst, by, power, shifts };
}
const sets: number[][] = [];
const rec = (from: number, s: number[]) => { if (s.length) sets.push(s); if (s.length < 4) for (let i = from; i < CAND.length; i++) rec(i + 1, [...s, i]); };
rec(0, []);
const all = sets.map(judgeSet).sort((a, b) => b.auc - a.auc);
const show = (r: any) => console.log(r.auc.toFixed(3), r.alarms.toFixed(3), r.found, r.worst[0], r.worst[1].toFixed(2), r.set);
console.log('singles'); all.filter((r) => r.n === 1).forEach(show);
console.log('old'); all.filter((r) => r.set === 'excess+contour').forEach(show);
console.log('best, any'); all.slice(0, 15).forEach(show);
const ok = all.filter((r) => r.alarms <= 0.08 && Math.abs(r.worst[1]) <= 0.25);
console.log('allowed', ok.length); ok.slice(0, 15).forEach(show);
const near = ok.filter((r) => r.auc >= ok[0].auc - 0.01).sort((a, b) => a.n - b.n || b.auc - a.auc);
console.log('chosen'); show(near[0]);
for (const r of [near[0], all[0]]) { console.log(r.set); for (const [d, v] of r.by) console.log(' ', d, v.map((x: number) => x.toFixed(2)).join(' '), '|', r.power.get(d)!.map((x: number) => x.toFixed(2)).join(' ')); console.log(r.shifts.map(([e, s]: any) => `${e} ${s.toFixed(2)}`).join('; ')); }
