// The one writer of CSV: RFC 4180 with line feeds, and no cell that a spreadsheet would compute.

/** What a cell may hold. Absent and NaN are empty, lists a JSON text. */
export type CsvValue = string | number | boolean | null | ArrayLike<number>;

/** A line of a table, with its line feed. Text that begins as a formula does has an apostrophe before it. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cell).join(',')}\n`;
}

function cell(value: CsvValue): string {
  if (value === null || Number.isNaN(value)) return '';
  const text = typeof value === 'object' ? JSON.stringify(Array.from(value)) : defused(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Signs with which spreadsheets begin a formula (OWASP, CSV injection), the wide ones of Asian keyboards among them. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function defused(value: string | number | boolean): string {
  return typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
}
