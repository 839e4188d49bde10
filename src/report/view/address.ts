// What the explorer shows of a study, as the part of its address after `#`: reports link to it, the explorer reads it.

/** Cells of a study by what they share; `sound` is the clip's name in the study. */
export const STUDY_FILTERS = ['group', 'disturbance', 'model', 'protocol', 'sound'] as const;
export type StudyFilters = Readonly<Partial<Record<(typeof STUDY_FILTERS)[number], string>>>;

/** Page beside a report that leads to the explorer (see view_page.ts); where a report is served, the explorer itself. */
export const VIEW_PAGE = 'view.html';

/** Address of the cells that a point of a report stands for, from the report. */
export function cellsAddress(filters: StudyFilters): string {
  const fields = STUDY_FILTERS.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return `${VIEW_PAGE}#${fields.join('&')}`;
}
