// Reports as files: the page, its figures as SVG, PNG and PDF, and the findings they were drawn from.

import { dirname, join } from 'node:path';
import type { Comparison } from '../analysis/comparison.js';
import type { Findings } from '../analysis/findings.js';
import type { DrawnMaps, Figure } from '../report/drawing.js';
import { type CompareReport, compareReport } from '../report/study/compare_page.js';
import { type StudyReport, studyReport } from '../report/study/page.js';
import { viewPage } from '../report/study/view_page.js';
import { VIEW_PAGE } from '../report/view/address.js';
import { openDrawing } from './document.js';
import { writeWhole } from './output.js';
import { svgToPng } from './png.js';

export interface ReportPaths {
  /** The page. */
  readonly page: string;
  /** Folder of figures/ and of the numbers as JSON. Made where it is missing; other files in it are left alone. */
  readonly folder: string;
}

/** Hears of every figure written, and how many there are. */
type OnFigure = (name: string, total: number) => void;

/**
 * Draws and writes the report of a study, with the maps that are to be drawn: the page, what its points lead to, figures/,
 * findings.json. `study` is its folder as users name it.
 */
export async function writeReport(
  findings: Findings,
  { page, folder, maps, study = 'DIR' }: ReportPaths & { readonly maps?: DrawnMaps; readonly study?: string },
  onFigure?: OnFigure,
): Promise<StudyReport> {
  const report = studyReport(await openDrawing(), findings, maps);
  await writeJson(join(folder, 'findings.json'), findings);
  await writeFigures(report.figures, folder, onFigure);
  await writeWhole(page, report.html);
  await writeWhole(join(dirname(page), VIEW_PAGE), viewPage(study));
  return report;
}

/** The same for two studies compared: the page, figures/, comparison.json. */
export async function writeComparison(
  comparison: Comparison,
  { page, folder }: ReportPaths,
): Promise<CompareReport> {
  const report = compareReport(await openDrawing(), comparison);
  await writeJson(join(folder, 'comparison.json'), comparison);
  await writeFigures(report.figures, folder);
  await writeWhole(page, report.html);
  return report;
}

function writeJson(path: string, value: Findings | Comparison): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 1)}\n`);
}

async function writeFigures(figures: readonly Figure[], folder: string, onFigure?: OnFigure): Promise<void> {
  const { svgToPdf } = await import('./pdf.js'); // slow to load, and needed only here
  for (const { name, svg } of figures) {
    await writeWhole(join(folder, 'figures', `${name}.svg`), `${svg}\n`);
    await writeWhole(join(folder, 'figures', `${name}.png`), svgToPng(svg));
    await writeWhole(join(folder, 'figures', `${name}.pdf`), await svgToPdf(svg));
    onFigure?.(name, figures.length);
  }
}
